"""Lines of a log without what belongs to users, to be kept as evidence.

Users' files are named in them, and directories, addresses and tokens. What
helps on call stays: extensions, model files, code, the installation, and
the system's own directories. Where a name's end cannot be known (names may
hold spaces) too much is masked rather than too little.
"""

import re

from monitor.domain.joblog.kinds import LINE_LIMIT
from monitor.domain.quote import quote

EVIDENCE_LIMIT = 500
"""Characters of a line that are kept as evidence."""
MASK = "***"

_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_TOKEN = re.compile(
    r"(?<![\w-])(?:(?:hf_|gh[opsur]_|sk-|xox[abp]-|AKIA|eyJ)[\w.-]{12,}"
    r"|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,})"
)
"""What is known to be a secret, or looks like one: hashes, long ids."""
_START = r"(?:(?:~[\w.-]{0,64})?/|\.{1,2}/|[A-Za-z]:\\)"
_IN_NAME = r"(?:[^\s'\"`|<>(){}\[\],;:*]|[(){}\[\],;*](?=[\w/.])|:(?=[^\W\d]))"
"""A path's character; what may also end it counts inside of a word."""
_FURTHER = r"(?: (?!HTTP/|\d+/\d)(?=[^\s/]{1,255}/)"
"""A word with a slash behind a path: a directory's name held the space."""
_PLACE = re.compile(
    r"(?<![A-Za-z])(?P<scheme>[a-z][a-z0-9+]{1,9}://)"
    rf"(?P<host>[^\s/?#'\"<>]*)(?P<rest>[^\s'\"<>]*{_FURTHER}[^\s'\"<>]+)*)"
    rf"|(?<!\w)(?P<mark>['\"`])"
    rf"(?P<quoted>{_START}(?:(?!(?P=mark)(?!\w)).)*)"
    rf"|(?<![^\s'\"`(\[{{=:,;|<>])"
    rf"(?P<plain>{_START}{_IN_NAME}+{_FURTHER}{_IN_NAME}+)*)"
    rf"|(?<!\S)(?P<glued>[^\s/'\"`]{{1,64}}(?<=[^\w.~\\(\[{{=:,;|<>])"
    rf"/{_IN_NAME}*{_FURTHER}{_IN_NAME}+)*)"
)
"""An address, a path in quotes (to the end without a second one), a path, a
path behind signs that may be of a name: all of that word."""
_MEDIA = re.compile(
    r"\.(?:jpe?g|jfif|jxl|jp2|png|webp|bmp|gif|tiff?|tga|heic|heif|avif|svg"
    r"|psd|raw|dng|cr[23]|nef|arw|mp4|m4v|mov|mkv|avi|mpe?g|mxf|3gp|vob|ogv"
    r"|webm|wmv|flv|m?ts|m2ts|wav|mp3|m4a|aac|aiff?|wma|flac|ogg|opus|zip|tar"
    r"|t?gz|rar|7z|txt|csv|json|npy|pdf|dfm)(?!\w)",
    re.IGNORECASE,
)
"""What ends the name of a file that may be a user's."""
_BEFORE_NAME = re.compile(r'.*(?:[":=<>|;*`]|\] |(?:^|(?<=[\s(\[]))\')')
"""All up to where a name may begin; names hold commas and brackets."""
_CODE = re.compile(r"\.(?:py|so(?:\.\d+)*|cc|cpp|cuh?|h|hpp|dll|pyd)$")
_MODEL = re.compile(r"\.(?:onnx|hash)$")
_SYSTEM = re.compile(
    r"/(?:usr(?!/home)|lib|lib64|bin|sbin|dev(?!/shm)|sys|etc)(?:/|$)"
)
"""Not /dev/shm, where people put uploads, nor /proc/PID/root and cwd."""
_UPWARDS = re.compile(r"/\.\.(?:/|$)")
_OWN_MODEL = re.compile(r"(?<![\w/])custom/[^\s'\"]+")
"""A deep swapper that users made is called after a person."""
_ENDPOINT = re.compile(r"/(?:api/v1|api|gradio_api|queue)/[a-z-]{1,24}$")
_PACKAGES = "site-packages/"
_MANY = re.compile(r"\*{4,}")


def mask(line: str, directory: str = "") -> str:
    """Return a line as evidence, at most `EVIDENCE_LIMIT` characters long.

    `directory` is where FaceFusion is installed; paths to code and models
    in it are kept.
    """
    home = directory.rstrip("/")
    text = quote(_ESCAPES.sub("", line[:LINE_LIMIT]), LINE_LIMIT)
    text = _MAIL.sub(f"{MASK}@{MASK}", text)
    text = _PLACE.sub(lambda found: _place(found, home), text)
    text = _OWN_MODEL.sub(f"custom/{MASK}", text)
    text = _TOKEN.sub(MASK, _names(text))
    return quote(_MANY.sub(MASK, text), EVIDENCE_LIMIT)


def _place(found: re.Match[str], home: str) -> str:
    if found["scheme"] is not None:
        rest = _rest_of_address(found["rest"])
        return f"{found['scheme']}{found['host']}{rest}"
    if found["mark"] is not None:
        return found["mark"] + _path(found["quoted"], home)
    if found["glued"] is not None:
        return _hidden(found["glued"])
    return _path(found["plain"], home)


def _rest_of_address(rest: str) -> str:
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    if path in {"", "/"} or _ENDPOINT.match(path):
        return path
    if _MODEL.search(path):
        return f"/{MASK}/{_end(path)}"
    return f"/{MASK}{_extension(path)}"


def _path(path: str, home: str) -> str:
    """Return what may be told of a path."""
    if _UPWARDS.search(path):
        return _hidden(path)
    inside = bool(home) and path.startswith(f"{home}/")
    if path == home or _ENDPOINT.match(path):
        return path
    if _MODEL.search(path) or _CODE.search(path):
        if inside or _SYSTEM.match(path):
            return path
        return f"{MASK}/{_end(path)}"
    if _SYSTEM.match(path):
        return path  # a file's name is masked with all names
    return f"{home}/{MASK}{_extension(path)}" if inside else _hidden(path)


def _hidden(path: str) -> str:
    return MASK + _extension(path)


def _extension(path: str) -> str:
    found = _MEDIA.search(path, max(0, len(path) - 6))
    return found.group() if found and found.end() == len(path) else ""


def _end(path: str) -> str:
    """Return a file's name, or its place in the packages of a Python."""
    if _PACKAGES in path:
        return _PACKAGES + path.rpartition(_PACKAGES)[2]
    return re.split(r"[/\\]", path)[-1]


def _names(text: str) -> str:
    """Mask names of files that stand there without quotes or directory."""
    parts, place = [], 0
    for found in _MEDIA.finditer(text):
        before = text[place : found.start()]
        kept = _BEFORE_NAME.match(before)
        parts += [kept.group() if kept else "", MASK, found.group()]
        place = found.end()
    return "".join(parts) + text[place:]
