'use strict';
// An FTPS client on basic-ftp: delivers by each interface of the file door, also what was cut off before.
const fs = require('fs');
const ftp = require('basic-ftp');
const { Readable, Writable } = require('stream');

const known = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const HALF = 700000;

async function connect(folder, password, which) {
  const client = new ftp.Client(30000);
  const access = {
    host: known.host,
    port: known.ports[which],
    user: known.user,
    password,
    secure: which === 'ftp_implicit' ? 'implicit' : true,
    secureOptions: {
      ca: fs.readFileSync(`${folder}/ca.pem`),
      cert: fs.readFileSync(`${folder}/client.pem`),
      key: fs.readFileSync(`${folder}/client.key`),
    },
  };
  try {
    await client.access(access);
  } catch (error) {
    client.close(); // else the program does not end
    throw error;
  }
  return client;
}

function firstName(which) {
  const name = known.names[which];
  return which === 'ftp_gb' ? `/in/${name}` : `/in/${name}.tmp`;
}

async function cut() {
  const half = fs.readFileSync(known.content).subarray(0, HALF);
  for (const which of Object.keys(known.names)) {
    const client = await connect(known.good, known.password, which);
    const endless = new Readable({ read() {} });
    endless.push(half);
    client.uploadFrom(endless, firstName(which)).catch(() => {});
    const other = await connect(known.good, known.password, which);
    while (await other.size(firstName(which)).catch(() => 0) < 1) await new Promise((done) => setTimeout(done, 20));
  }
  process.kill(process.pid, 'SIGKILL');
}

async function text(client, path) {
  const parts = [];
  await client.downloadTo(new Writable({ write(part, _, done) { parts.push(part); done(); } }), path);
  return Buffer.concat(parts).toString('utf8');
}

async function names(client) {
  return (await client.list('/out')).map((entry) => entry.name);
}

async function said(call) {
  try {
    await call();
  } catch (error) {
    return `${error.code} ${error.message}`;
  }
  return '';
}

async function listed(client, command) {
  client.availableListCommands = [command];
  return (await client.list('/out')).map((entry) => entry.name).join('\n');
}

async function seen(which) {
  const name = known.names[which], path = firstName(which);
  const client = await connect(known.good, known.password, which);
  const part = await client.size(path);
  await client.appendFrom(fs.createReadStream(known.content, { start: part }), path);
  if (which !== 'ftp_gb') await client.rename(path, `/in/${name}`);
  const receipt = `${name}.ontvangst.xml`, status = `${name}.status.xml`;
  while (!(await names(client)).includes(status)) await new Promise((done) => setTimeout(done, 20));
  const report = {
    part,
    receipt: await text(client, `/out/${receipt}`),
    status: await text(client, `/out/${status}`),
    machine: await listed(client, 'MLSD'),
    list: await listed(client, 'LIST -a'),
    size: await client.size(`/out/${receipt}`),
    modified: (await client.lastMod(`/out/${receipt}`)).toISOString(),
  };
  report.names = report.list; // basic-ftp has no NLST
  await client.uploadFrom(Readable.from(['x']), '/in/time.tmp');
  await client.send(`MFMT ${known.moment} /in/time.tmp`);
  report.set = (await client.lastMod('/in/time.tmp')).toISOString();
  await client.remove('/in/time.tmp');
  await client.remove(`/out/${receipt}`);
  report.left = (await names(client)).join('\n');
  report.again = await said(async () => {
    await client.uploadFrom(Readable.from(['<x/>']), path);
    await client.rename(path, `/in/${name}`);
  });
  client.close();
  return report;
}

async function main() {
  if (process.argv[3] === 'cut') await cut();
  const report = {};
  for (const which of Object.keys(known.names)) report[which] = await seen(which);
  report.password = await said(() => connect(known.good, 'wrong', 'ftp'));
  report.revoked = await said(async () => {
    const client = await connect(known.revoked, known.password, 'ftp');
    await client.list('/out');
  });
  console.log(JSON.stringify(report));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
