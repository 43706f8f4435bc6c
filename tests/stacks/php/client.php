<?php

// Prints one JSON object with what the PHP client saw; contract.py says what stands in it.
//
//   php client.php https://localhost:8443 kantoor folder-with-a-revoked-certificate omzetbelasting.xbrl

declare(strict_types=1);

require __DIR__ . '/DigipoortClient.php';

const GEEN_AUSP = 'http://geenausp.nl';

function delivery(string $content, string $berichtsoort, string $aanleverkenmerk): array
{
    return [
        'berichtsoort' => $berichtsoort,
        'aanleverkenmerk' => $aanleverkenmerk,
        'identiteitBelanghebbende' => ['nummer' => '001000044B37', 'type' => 'Fi'],
        'rolBelanghebbende' => 'Intermediair',
        // SoapClient makes the base64 of base64Binary itself.
        'berichtInhoud' => ['mimeType' => 'text/xml', 'bestandsnaam' => 'ob.xbrl', 'inhoud' => $content],
        'autorisatieAdres' => GEEN_AUSP,
    ];
}

function statuses(DigipoortClient $client, string $operation, string $kenmerk): array
{
    $answer = $client->$operation(['kenmerk' => $kenmerk, 'autorisatieAdres' => GEEN_AUSP]);
    return array_column($answer->{"{$operation}Return"}->StatusResultaat ?? [], 'statuscode');
}

function finalStatuses(DigipoortClient $client, string $kenmerk): array
{
    $until = time() + 20;
    while (!in_array('500', $codes = statuses($client, 'getStatussenProces', $kenmerk)) && time() < $until) {
        usleep(100_000);
    }
    return $codes;
}

function fault(DigipoortClient $client, string $content): array
{
    try {
        $client->aanleveren(delivery($content, 'Onbestaand', 'fault'));
    } catch (SoapFault $fault) {
        return (array) $fault->detail->aanleverFault;
    }
    return [];
}

function tampered(DigipoortClient $client, string $answer): string
{
    try {
        $client->signed(str_replace('<wsa:RelatesTo', '<wsa:RelatesTo a="b"', $answer));
    } catch (RuntimeException $error) {
        return $error->getMessage();
    }
    return '';
}

function run(string $base, string $folder, string $sha, string $content): array
{
    $client = new DigipoortClient("$base/wus/2.0/aanleverservice/1.2", $folder, $sha);
    $kenmerk = $client->aanleveren(delivery($content, 'Omzetbelasting', "php-$sha"))->kenmerk;
    $answer = $client->answer;
    $stub = new DigipoortClient("$base/cpl/aanleverservice/1.2", $folder, $sha);
    $status = new DigipoortClient("$base/wus/2.0/statusinformatieservice/1.2", $folder, $sha);
    return [
        'kenmerk' => $kenmerk,
        'stubKenmerk' => $stub->aanleveren(delivery($content, 'Omzetbelasting', 'Happyflow'))->kenmerk,
        ...$client->signed($answer),
        'tampered' => tampered($client, $answer),
        'statuses' => finalStatuses($status, $kenmerk),
        'new' => statuses($status, 'getNieuweStatussenProces', $kenmerk),
        'newAgain' => statuses($status, 'getNieuweStatussenProces', $kenmerk),
        'statusCovered' => $status->signed($status->answer)['covered'],
        'fault' => fault($client, $content),
    ];
}

function refusal(string $base, string $folder): string
{
    $said = '';
    set_error_handler(function (int $level, string $message) use (&$said): bool {
        $said .= "$message\n";
        return true;
    });
    try {
        new DigipoortClient("$base/wus/2.0/aanleverservice/1.2", $folder, 'sha1');
    } catch (SoapFault $fault) {
        return $said . $fault->getMessage();
    } finally {
        restore_error_handler();
    }
    return '';
}

[, $base, $folder, $revoked, $file] = $argv;
$content = file_get_contents($file);
echo json_encode([
    'sha1' => run($base, $folder, 'sha1', $content),
    'sha256' => run($base, $folder, 'sha256', $content),
    'refused' => refusal($base, $revoked),
], JSON_THROW_ON_ERROR), "\n";
