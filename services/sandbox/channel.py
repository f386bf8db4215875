"""The stand-in channel: its groups, messages and settings, and the webhooks that each change brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from services.sandbox import logic
from services.sandbox.corpus import Row
from services.sandbox.journal import Journal
from services.sandbox.knobs import Knobs
from services.sandbox.logic import Message
from services.sandbox.sender import Job
from shared.whapi.wire import webhook_registration

Queue = Callable[[Job, float], None]


class Channel:
    """Everything that the gateway knows. Each change is written to the journal before its webhooks are queued."""

    def __init__(
        self, *, seed: str, channel_id: str, knobs: Knobs, token: str, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self.id = channel_id
        self.seed = seed
        self.knobs = knobs
        self.token = token
        self.groups: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, Message] = {}
        self.settings: dict[str, Any] = {
            "callback_backoff_delay_ms": 3000,
            "max_callback_backoff_delay_ms": 600_000,
            "callback_persist": True,
            "media": {"auto_download": [], "init_avatars": False},
            "webhooks": [],
            "full_history": False,
        }
        self.golds: dict[str, dict[str, Any] | None] = {}
        self.played: set[str] = set()
        self.dropped = 0
        self._pending: dict[str, Job] = {}
        self._journal = journal
        self._clock = clock
        self._queue: Queue = lambda _job, _delay: None

    @property
    def working(self) -> bool:
        """Whether the WhatsApp session is linked."""
        return self.knobs.session == "AUTH"

    def now(self) -> int:
        """The gateway's time in whole seconds; its clock may be wrong."""
        return int(self._clock() + self.knobs.clock_offset_s)

    def remember(self) -> None:
        """Reads the journal. Comes before everything else."""
        for entry in self._journal.entries():
            self._apply(entry)

    def start(self, queue: Queue) -> None:
        """Queues the webhooks that were still waiting, and from now on every further one."""
        self._queue = queue
        for job in self._pending.values():
            queue(job, 0)

    def close(self) -> None:
        """Closes the journal."""
        self._journal.close()

    def group(self, name: str) -> dict[str, Any]:
        """The group of this name or id; it is made where there is none."""
        known = self.groups.get(name) or self.groups.get(logic.group_id(name))
        if known is None:
            known = logic.group_of(name, self.now())
            self._record("group", group=known)
        return known

    def join(self, id: str, name: str) -> dict[str, Any]:
        """The phone joins a group of this id, or the group gets this name."""
        group = logic.group_of(name, self.now()) | {"id": id}
        self._record("group", group=group)
        return group

    def learn(self, rows: list[Row]) -> None:
        """Makes the groups of a corpus and remembers what is in its texts. Read at each start, so not written down."""
        for row in rows:
            self.groups.setdefault(logic.group_id(row.group), logic.group_of(row.group, self.now()))
            self.golds[row.text] = row.gold

    def play(self, row: Row, key: str) -> None:
        """Posts a row of the corpus, once for each `key`."""
        if key not in self.played:
            self.post(row.group, row.text, id=logic.message_id(self.seed, key), kind=row.type, key=key)

    def post(
        self,
        group: str,
        text: str,
        *,
        id: str | None = None,
        kind: str = "text",
        at: int | None = None,
        key: str | None = None,
        webhook: bool = True,
        fields: Mapping[str, Any] | None = None,
    ) -> Message:
        """Posts a message to a group. A known id is replaced. `fields` is laid over the gateway's object."""
        new = id or logic.message_id(self.seed, f"post:{len(self.messages)}:{text}")
        when = self.now() if at is None else at
        message = logic.message_of(self.seed, new, self.group(group), text, at=when, kind=kind) | dict(fields or {})
        jobs = self._jobs("messages", "post", {"messages": [message]}, new, several=True) if webhook else []
        self._record("message", message=message, key=key, jobs=jobs)
        return message

    def edit(self, id: str, text: str) -> Message:
        """Gives a message another text and returns the action that tells of it. KeyError for an unknown id."""
        before, now = self.messages[id], self.now()
        after = logic.edited(before, text)
        action = logic.edit_action(before, logic.message_id(self.seed, f"edit:{id}:{text}"), text, now)
        update = {"id": id, "trigger": action, "before_update": before, "after_update": after, "changes": ["text"]}
        key = f"{action['id']}"
        jobs = self._jobs("messages", "post", {"messages": [action]}, key, several=True)
        jobs += self._jobs("messages", "patch", {"messages_updates": [update]}, key)
        self._record("edit", message=after, action=action, jobs=jobs)
        return action

    def delete(self, id: str) -> Message:
        """Deletes a message for everyone and returns the action that tells of it. KeyError for an unknown id."""
        action = logic.delete_action(self.messages[id], logic.message_id(self.seed, f"delete:{id}"), self.now())
        jobs = self._jobs("messages", "post", {"messages": [action]}, f"{action['id']}", several=True)
        jobs += self._jobs("messages", "delete", {"messages_removed": [id]}, f"{action['id']}")
        self._record("delete", id=id, action=action, jobs=jobs)
        return action

    def send(self, to: str, body: str) -> Message:
        """Sends a text of our own: it comes back as an echo on the webhook."""
        message = logic.own_message(logic.message_id(self.seed, f"own:{len(self.messages)}"), to, body, self.now())
        jobs = self._jobs("messages", "post", {"messages": [message]}, message["id"], several=True)
        self._record("message", message=message, key=None, jobs=jobs)
        return message

    def change_settings(self, change: Mapping[str, Any]) -> dict[str, Any]:
        """Changes the channel's settings; fields that are left out stay. Returns them as they were before."""
        before = self.settings
        self._record("settings", settings=before | dict(change))
        return before

    def register(self, url: str, headers: dict[str, str]) -> None:
        """Registers the webhook of the sandbox's own settings. What still waited for an earlier one goes to this."""
        hooks = self.settings["webhooks"]
        earlier: dict[str, Any] = next((hook for hook in hooks if hook.get("sandbox")), {})
        others = {"webhooks": [hook for hook in hooks if not hook.get("sandbox")]}
        change = webhook_registration(others, url, headers)
        change["webhooks"][-1]["sandbox"] = True
        if change["webhooks"] != hooks:
            self.change_settings(change)
            self._record("moved", old=earlier.get("url"), url=url, headers=headers)

    def teach(self, text: str, gold: dict[str, Any] | None) -> None:
        """Tells the stand-in model what is in a text."""
        self._record("gold", text=text, gold=gold)

    def done(self, key: str) -> None:
        """A webhook was answered 200."""
        if key in self._pending:
            self._record("done", key=key)

    def _jobs(
        self, type: str, method: str, parts: dict[str, Any], key: str, *, several: bool = False
    ) -> list[tuple[dict[str, Any], float]]:
        hooks = [hook for hook in self.settings["webhooks"] if logic.wants(hook, type, method)]
        delays = logic.delays(self.seed, self.knobs, f"{method}:{key}")
        if hooks and not delays:
            self.dropped += 1
        jobs = []
        for hook in hooks:
            verb, url = logic.target(hook, type, method)
            for number, delay in enumerate(delays):
                name = f"{type}.{method}:{key}:{number}>{url}"
                body = logic.envelope(self.id, type, method, parts)
                jobs.append((Job(name, verb, url, dict(hook.get("headers") or {}), body, several).as_dict(), delay))
        return jobs

    def _record(self, kind: str, **entry: Any) -> None:
        self._journal.append(kind, **entry)
        self._apply({"kind": kind, **entry})
        for job, delay in entry.get("jobs", ()):
            self._queue(self._pending[job["key"]], delay)

    def _apply(self, entry: Mapping[str, Any]) -> None:
        match entry["kind"]:
            case "group":
                self.groups[entry["group"]["id"]] = entry["group"]
            case "message":
                self.messages[entry["message"]["id"]] = entry["message"]
                if entry.get("key"):
                    self.played.add(entry["key"])
            case "edit":
                self.messages[entry["message"]["id"]] = entry["message"]
                self.messages[entry["action"]["id"]] = entry["action"]
            case "delete":
                self.messages.pop(entry["id"], None)
                self.messages[entry["action"]["id"]] = entry["action"]
            case "settings":
                self.settings = dict(entry["settings"])
            case "gold":
                self.golds[entry["text"]] = entry["gold"]
            case "moved":
                for key, job in self._pending.items():
                    if job.url == entry["old"]:
                        self._pending[key] = replace(job, url=entry["url"], headers=entry["headers"])
            case "done":
                self._pending.pop(entry["key"], None)
        for job, _delay in entry.get("jobs", ()):
            self._pending[job["key"]] = Job(**job)
