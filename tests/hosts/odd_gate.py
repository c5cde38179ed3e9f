"""A gate that misbehaves on request: speaks the protocol, and lies.

Sent over a real sshd in place of the program. A part of `observe` is what
it does: `echo`, `late`, `half`, `huge`, `twice`, `stranger`, `rubbish`,
`freeze`, `die`, `complain`, `flood`, `wrong`.
"""

import json
import os
import signal
import sys
import threading
import time


def say(**words: object) -> None:
    line = json.dumps({"v": 1, **words}) + "\n"
    os.write(1, line.encode())


def watch(name: str) -> None:
    if name == "silent":
        return

    def tell() -> None:
        while True:
            say(event="alive", at=3.0)
            if name == "exits":
                say(event="exit", name=name, pid=7, started_at=1.0, at=2.0)
            time.sleep(0.05)

    threading.Thread(target=tell, daemon=True).start()


def half(word: str) -> None:
    os.write(1, b'{"v":1,"id":"' + word.encode() + b'","parts":{')


def huge(_: str) -> None:
    os.write(1, b"x" * 10_000_000 + b"\n")


def twice(word: str) -> None:
    say(id=word, parts={"n": 1})
    say(id=word, parts={"n": 2})


def stranger(word: str) -> None:
    say(id="nobody", parts={"n": 1})
    say(event=7)
    answer(word, "stranger")


def rubbish(word: str) -> None:
    os.write(1, b"\xff\xfe\n[1]\n{\n" + b'{"v":1,"at":NaN}\n')
    os.write(1, b"[" * 100_000 + b"\n" + b"1" * 5000 + b"\n\n")
    answer(word, "rubbish")


def complain(word: str) -> None:
    os.write(2, b"e" * 3_000_000)
    answer(word, "complain")


def flood(_: str) -> None:
    for _number in range(2000):
        say(event="exit", name="x")


def die(_: str) -> None:
    os.write(2, b"it died of this\n")
    os._exit(3)


HABITS = {
    "late": lambda word: threading.Timer(0.3, answer, (word, "late")).start(),
    "half": half,
    "huge": huge,
    "twice": twice,
    "stranger": stranger,
    "rubbish": rubbish,
    "complain": complain,
    "flood": flood,
    "wrong": lambda word: say(id=word, parts=[1]),
    "freeze": lambda _: os.kill(os.getpid(), signal.SIGSTOP),
    "die": die,
}


def misbehave(word: str, part: str) -> None:
    HABITS.get(part, lambda word: answer(word, part))(word)


def answer(word: str, part: str) -> None:
    say(id=word, at=1.5, parts={part: {"pid": os.getpid()}}, gaps=[])


def main() -> None:
    greeting = {"gate": "odd", "python": "3", "verbs": ["observe"]}
    say(id=sys.argv[3], way="stdin", at=1.0, **greeting)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        word, verb = asked["id"], asked["verb"]
        if verb == "observe":
            misbehave(word, next(iter(asked["parts"])))
        elif verb == "watch":
            say(id=word, watching=[])
            watch(str(asked["services"][0]["name"]))
        elif verb == "hello":
            say(id=word, at=2.0, way="stdin", **greeting)
        else:
            say(id=word, error={"reason": "unknown_verb", "because": "no"})


if __name__ == "__main__":
    main()
