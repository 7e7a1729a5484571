"""Everything that can go wrong between a command and its reply, by name.

Here belong the error classes of the control system and the form of their messages. Which text of
the service means which error is decided in ``replies.refusals``; what HTTP means, in ``client``.
"""

import re

_UNPRINTABLE = re.compile(r"[^\x21-\x7e]+")
_SHOWN = 200


def shown(received: str | bytes) -> str:
    """The first 200 characters of a reply, printable and on one line, for a message."""
    text = received.decode("ascii", "replace") if isinstance(received, bytes) else received
    cleaned = _UNPRINTABLE.sub(" ", text[: 8 * _SHOWN]).strip()
    return cleaned if len(cleaned) <= _SHOWN else cleaned[:_SHOWN] + "..."


class AcnetError(Exception):
    """The control system was not asked, did not answer, or did not answer with data.

    Args:
        what: what happened, a clause without a full stop.
        subject: the device or event and its window.
        received: what came back; shortened and cleaned here.
        next_step: what to do about it; the class has a general one.
    """

    advice = "Look at the reply by hand before pulling again."

    def __init__(
        self,
        what: str,
        *,
        subject: str = "",
        received: str | bytes = "",
        next_step: str | None = None,
    ) -> None:
        head = f"{subject}: {what}" if subject else what
        came_back = shown(received)
        if came_back:
            head += f"; came back: {came_back!r}"
        advice = self.advice if next_step is None else next_step
        super().__init__(f"{head}. {advice}" if advice else head)
        self.what = what
        self.subject = subject
        self.received = came_back

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the finished message, so the error survives the way out of a worker process."""
        return (_rebuild, (type(self), str(self), self.__dict__))


def _rebuild(kind: type[AcnetError], message: str, state: dict[str, object]) -> AcnetError:
    error = kind.__new__(kind, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


class TransientError(AcnetError):
    """Asking again may help; the client does so by its retry policy."""

    advice = "Asking again may help; if it stays, look whether the service is up."
    retry_after: float | None = None


class PermanentError(AcnetError):
    """Asking again cannot help; a person must change something first."""


class StoppedError(AcnetError):
    """Nothing was asked, or its reply was broken off: whoever asks has ended the whole."""

    advice = ""


class NothingLogged(AcnetError):
    """The service understood and has nothing for the window: a fact, not a failure."""

    advice = "Nothing was logged in this window."


class NoValues(NothingLogged):
    """``No values ...``: the logger holds no sample of the device in the window."""


class NoOccurrences(NothingLogged):
    """``No occurrences of event ...``: the TCLK event was not seen in the window."""


class AclErrorReply(PermanentError):
    """The reply ends with an error code of the control system.

    Attributes:
        code: for example ``DIO_NOATT``.
    """

    advice = "Check the request against the control system."

    def __init__(
        self,
        code: str,
        *,
        subject: str = "",
        received: str | bytes = "",
        next_step: str | None = None,
    ) -> None:
        what = f"the service answered {code}"
        super().__init__(what, subject=subject, received=received, next_step=next_step)
        self.code = code


class DeviceRefused(AclErrorReply):
    """The service knows no such device, or no such property of it (``DIO_...``, ``DBM_...``)."""

    advice = "Check the name in the parameter list against the device database."


class SyntaxRefused(AclErrorReply):
    """The service could not read the command (``CLIB_SYNTAX``)."""

    advice = "The command is built wrongly or the service has changed; this needs a programmer."


class ServiceBusy(TransientError):
    """An error code that passes: a node is down, or a reply timed out inside the laboratory."""


class PendingTimeout(TransientError):
    """``DPM_PEND``: the front end did not answer the service in time."""


class MessageReply(TransientError):
    """Only message lines (``! ...``) came, no data."""


class WebPageReply(TransientError):
    """A web page came in place of data, as from a gateway or a login."""


class EmptyReply(TransientError):
    """HTTP reports success and the body is empty."""


class TruncatedReply(TransientError):
    """The body ended early: short of its length, or in the middle of a line."""


class CommandEcho(PermanentError):
    """The service repeated the command in an error text that is not known."""


class UnreadableReply(PermanentError):
    """The reply has neither data of the expected shape nor a known error text."""


class RowsNotUnderstood(UnreadableReply):
    """Rows came in a form that is not known, whatever the window: a zone word, another date, one column more."""

    advice = (
        "The service writes its rows in another form than before: look at this line by hand; a programmer must teach "
        "the new form, or the service be set back."
    )


class SeveralValues(UnreadableReply):
    """Several values at a time: an array device, of which the raw tables hold single elements."""

    advice = "This is an array device: list its elements, such as NAME[0:3], instead of it."

    def of_parameter(self, subject: str, device: str) -> "SeveralValues":
        """The same with what to do about it: the elements of the device that came are named."""
        # The first word is the time, and the last one may be shortened.
        values = sum(map(_is_number, self.received.split()[1:]))
        if device.endswith("]"):
            advice = (
                f"One element was asked for, and nothing says which of the values is {device}: take it off the list, "
                "or ask who runs the logger how it names one element."
            )
        else:
            some = f"{device}[0:{values - 1}]" if values > 1 else f"{device}[0]"
            advice = (
                f"{device} is an array device: list its elements, such as {some}, instead of it."
            )
        return SeveralValues(self.what, subject=subject, received=self.received, next_step=advice)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


class ReplyTooLarge(PermanentError):
    """The body passed the size limit and was abandoned."""

    advice = "Ask for a shorter window, or raise the limit if the reply is right."


class ServiceRefused(PermanentError):
    """Whatever is asked for, the answer will be the same until a person changes something: the end of a whole pull.

    Here belong the address, the way to it and the permission; what one device or one window is refused does not.
    """

    advice = "Check GMPSAI_ACL_URL."


class ForeignRedirect(ServiceRefused):
    """The service sent the request elsewhere: another host or another command; not followed."""

    advice = "Check GMPSAI_ACL_URL; put the new address there if it is meant."


class UnknownHost(ServiceRefused):
    """No host has the name in the address."""


class WrongScheme(ServiceRefused):
    """Plain HTTP was sent to a port that speaks HTTPS, or the other way round."""


class CertificateFailed(ServiceRefused):
    """The certificate of the service is not to be trusted, or that by which it is judged cannot be read."""


class TlsFailed(ServiceRefused):
    """The service speaks TLS, and no version or cipher of it that is allowed here."""


class ProxyRefused(ServiceRefused):
    """The proxy of the environment cannot be used: its address, its login, or what it allows."""


class HttpRefused(PermanentError):
    """An HTTP status that repeating cannot change.

    Attributes:
        status: the HTTP status code.
    """

    def __init__(
        self,
        status: int,
        *,
        subject: str = "",
        received: str | bytes = "",
        next_step: str | None = None,
    ) -> None:
        what = f"HTTP status {status}"
        super().__init__(what, subject=subject, received=received, next_step=next_step)
        self.status = status


ACCESS_STATUSES = frozenset({401, 403, 404})
"""HTTP statuses that are about the address or the caller, and not about what was asked for."""


class AccessRefused(HttpRefused, ServiceRefused):
    """One of ``ACCESS_STATUSES``."""


class HttpUnavailable(TransientError):
    """HTTP 408, 429 or 5xx.

    Attributes:
        status: the HTTP status code.
        retry_after: seconds the service asks to wait, or None.
    """

    def __init__(
        self,
        status: int,
        *,
        subject: str = "",
        received: str | bytes = "",
        next_step: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        what = f"HTTP status {status}"
        super().__init__(what, subject=subject, received=received, next_step=next_step)
        self.status = status
        self.retry_after = retry_after


class ConnectionFailed(TransientError):
    """No connection to the service, or it broke before the reply began."""


class ConnectionRefused(ConnectionFailed):
    """Nothing listens at the address, or the network does not reach it; a service that is started again does."""


class LookupFailed(ConnectionFailed):
    """The name of the host could not be looked up now: no name server answered."""

    advice = "Look whether this machine has a network; inside the laboratory, or by VPN."


class ReplyTimeout(TransientError):
    """The service sent nothing for the read timeout, or the whole reply took too long."""
