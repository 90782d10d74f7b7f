"""Messages that wait to be delivered, in any order, and chords: nothing about them is sure."""

from dataclasses import dataclass, field


@dataclass
class Chord:
    """A body that is sent with the answers of the headers, once all of them are there."""

    body: tuple[str, tuple[object, ...]]
    answers: dict[int, object] = field(default_factory=dict)
    headers: int = 0


@dataclass(frozen=True)
class Message:
    """A task and its arguments; ``place`` is its number among the headers of a chord."""

    task: str
    arguments: tuple[object, ...]
    chord: Chord | None = None
    place: int = 0


class Broker:
    """What was sent and not delivered."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, task: str, *arguments: object) -> None:
        self.messages.append(Message(task, arguments))

    def send_chord(self, headers: list[tuple[str, tuple[object, ...]]], body: str, *arguments: object) -> None:
        """``body`` gets the list of the headers' answers as its last argument."""
        chord = Chord((body, arguments), headers=len(headers))
        self.messages += [Message(task, given, chord, place) for place, (task, given) in enumerate(headers)]

    def answered(self, message: Message, answer: object) -> None:
        """A task has ended well."""
        chord = message.chord
        if chord is None or message.place in chord.answers:
            return
        chord.answers[message.place] = answer
        if len(chord.answers) == chord.headers:
            body, arguments = chord.body
            self.send(body, *arguments, [chord.answers[place] for place in range(chord.headers)])
