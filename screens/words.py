"""The words of this program, each in one sentence."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "guide": "What a vendor's upgrade needs, written so that it can be walked: versions, questions, checks, steps.",
    "hop": "The way from one version to the next; an upgrade is one hop or several.",
    "phase": "A part of a hop with one impact: it only looks, it interrupts the service, it cannot be undone …",
    "step": "One thing to do, with a code such as 4.2 that can be said aloud.",
    "action": "What a step does: run a command, edit a file, wait, check, ask for a word, and so on.",
    "question": "Something only you know, or have to confirm.",
    "answer": "What is taken for a question, with where it came from: this machine, an answers file, a default, you.",
    "fact": "Something read from this machine; reading changes nothing.",
    "value": "Something worked out from facts and answers.",
    "check": "Decides whether something is as it must be.",
    "finding": "What a check found, with the evidence and what to do about it.",
    "blocker": "A finding that keeps the run from starting.",
    "bypass": "To go on in spite of a finding, with a reason that is kept; only where the guide allows it.",
    "plan": "The hops, phases and steps made for this machine, each with the reason why it is in or out.",
    "session": "One run of one guide, kept on disk; it can be left and resumed at any time.",
    "journal": "What happened in a session, event by event; everything else is worked out from it.",
    "attempt": "One start of one command, with its whole output.",
    "leader": "The process that holds a command, so that it outlives this screen and the connection.",
    "pump": "The process that writes a command's output to disk.",
    "spool": "The whole output of an attempt, on disk.",
    "driver": "Whoever holds a session and decides; there is one at most.",
    "watcher": "Whoever looks on at a session without touching it.",
    "take over": "To become the driver of a session that somebody else drives.",
    "hand over": "To let somebody else become the driver, or to give a step to other people.",
    "batch": "Some items of a loop that are done together; between batches one can stop.",
    "gate": "A place that is passed only once something is proved, for example by another session's evidence.",
    "undo": "To take back what a step of this run did, and nothing else.",
    "owed": "What this run still has to put back, such as a temporary setting.",
    "procedure": "Something a guide offers beside the plan, such as a restore.",
    "evidence": "What a session proves, in a file that a gate of another run asks for.",
    "bundle": "What support needs of a session, without secrets, in one file.",
}
