"""The one exception tree of the simulator.

::

    DigipoortSimError               code, rule, detail
    ├── ConfigError                 a setting, option or file of the user is wrong      (exit code 2)
    ├── NotFoundError               nothing there, or not yours to see                  (HTTP 404)
    ├── ConflictError               it cannot be done in the present state              (HTTP 409)
    ├── TechnicalError              our own trouble: x400, never caused by input
    └── Refusal                     what came from outside is refused                   (`number`)
        ├── SpecificationRefusal    100  breaks the interface specification
        ├── AuthenticationRefusal   110  certificate or signature not good
        ├── BerichtsoortRefusal     120  unknown berichtsoort
        ├── PermissionRefusal       130  this sender may not deliver this berichtsoort
        ├── IdentityRefusal         140  identiteitBelanghebbende not valid for its type
        ├── ContentNameRefusal      150  mimeType or bestandsnaam not allowed
        ├── SizeRefusal             160  larger than allowed
        └── AttachmentRefusal       170  attachments not allowed, or wrong

A refusal's `number` is put behind the letters of the service that was called: ``ALS100`` on
aanleveren, ``STS100`` on statusinformatie, ``OPS100`` on ophalen. One place per door does that:
`wus` makes SOAP faults, `ftp` FTP replies and error files, `web` problem documents.
"""

from __future__ import annotations

from typing import ClassVar


class DigipoortSimError(Exception):
    """Something that the simulator says no to, or cannot do.

    Args:
        detail: one or more English sentences that a person can act on; names the element or option.
        rule: a stable identifier of the rule that was broken, such as ``WSS-COVERAGE``.
        code: a code of the outside world (``VAS500``); empty where the door makes it.
    """

    def __init__(self, detail: str, *, rule: str = "", code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.rule = rule
        self.code = code


class ConfigError(DigipoortSimError):
    """A setting, option or file that the user gave is wrong."""


class NotFoundError(DigipoortSimError):
    """There is no such thing, or it is not the caller's to see."""


class ConflictError(DigipoortSimError):
    """It cannot be done in the present state of things."""


class TechnicalError(DigipoortSimError):
    """Trouble of our own, such as a database that is away."""

    number: ClassVar[str] = "400"


class Refusal(DigipoortSimError):
    """What came from outside is refused, by a rule that can be named."""

    number: ClassVar[str] = "100"


class SpecificationRefusal(Refusal):
    """It breaks the interface specification."""


class AuthenticationRefusal(Refusal):
    """The certificate or the signature is not good."""

    number = "110"


class BerichtsoortRefusal(Refusal):
    """The berichtsoort is not known."""

    number = "120"


class PermissionRefusal(Refusal):
    """This sender may not deliver this berichtsoort."""

    number = "130"


class IdentityRefusal(Refusal):
    """The identiteitBelanghebbende is not valid for its type."""

    number = "140"


class ContentNameRefusal(Refusal):
    """The mimeType or the bestandsnaam is not allowed."""

    number = "150"


class SizeRefusal(Refusal):
    """Something is larger than allowed."""

    number = "160"


class AttachmentRefusal(Refusal):
    """Attachments are not allowed here, or wrong."""

    number = "170"
