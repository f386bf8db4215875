"""The closed list of metrics. A metric that is not here does not exist; a test holds the code against this file."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW = (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60)
_AGE = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86_400)

# Every stage
RETRIED = Counter("twin_retried", "Messages handed back for a later try.", ["stage", "cause"], registry=REGISTRY)
DEAD_LETTERS = Counter("twin_dead_letters", "Messages kept as dead letters.", ["stage", "reason"], registry=REGISTRY)
LETTERS = Counter("twin_letters", "Dead letters that somebody replayed or dropped.", ["outcome"], registry=REGISTRY)
STOPPED = Gauge(
    "twin_stopped", "1 while the stage takes nothing: too much of its traffic died.", ["stage"], registry=REGISTRY
)
LAG = Gauge("twin_lag", "Messages that wait in a stream for this service.", ["stream", "consumer"], registry=REGISTRY)

# Receiver
DELIVERIES = Counter("twin_deliveries", "Webhook deliveries by how they were answered.", ["outcome"], registry=REGISTRY)
RECEIVED = Counter("twin_received", "Events taken in from webhooks.", ["type"], registry=REGISTRY)
IGNORED = Counter(
    "twin_ignored", "Things in deliveries that are no event for us, by name.", ["what"], registry=REGISTRY
)
DELIVERY_SECONDS = Histogram(
    "twin_delivery_seconds", "Time to answer a delivery, stored durably.", buckets=_FAST, registry=REGISTRY
)

# Poller
POLLED = Counter("twin_polled", "Messages that polls brought, by what became of them.", ["outcome"], registry=REGISTRY)
POLLS = Counter("twin_polls", "Polls of a group by outcome.", ["outcome"], registry=REGISTRY)
RECONCILED = Counter(
    "twin_reconciled",
    "Messages that the gateway lists for a group, by whether they were known here.",
    ["outcome"],
    registry=REGISTRY,
)
GATEWAY_UP = Gauge("twin_gateway_up", "1 while the gateway's WhatsApp session is linked.", registry=REGISTRY)

# Filter
JUDGED = Counter("twin_judged", "Messages judged, by rule.", ["rule", "passed"], registry=REGISTRY)
CHECKS = Counter("twin_checks", "Rejections handed on as a sample for the reviewers.", registry=REGISTRY)
TUNING = Gauge("twin_tuning", "Version of the filter's tuning in force; 0 is what is shipped.", registry=REGISTRY)
TUNINGS_REFUSED = Counter("twin_tunings_refused", "Tunings found that cannot be used.", registry=REGISTRY)
SIGHTINGS = Counter("twin_sightings", "Copies and repeated deliveries.", ["kind"], registry=REGISTRY)

# Extractor
EXTRACTED = Counter(
    "twin_extracted", "Candidates read, by engine and outcome.", ["engine", "outcome"], registry=REGISTRY
)
EXTRACT_SECONDS = Histogram(
    "twin_extract_seconds", "Time an engine takes for a message.", ["engine"], buckets=_SLOW, registry=REGISTRY
)
MODEL_TOKENS = Counter("twin_model_tokens", "Tokens the model was sent and gave.", ["direction"], registry=REGISTRY)
MODEL_COST = Counter("twin_model_cost_usd", "What the model cost, in US dollars.", registry=REGISTRY)
MODEL_FAILURES = Counter(
    "twin_model_failures", "Questions to which the model gave no usable answer, by cause.", ["cause"], registry=REGISTRY
)
MODEL_REUSED = Counter(
    "twin_model_reused", "Messages read by an answer that an earlier one had paid for.", registry=REGISTRY
)
MODEL_AWAY = Gauge(
    "twin_model_away", "1 while the model is left alone: it failed, or a budget is spent.", registry=REGISTRY
)
LIKENESS = Counter(
    "twin_likeness", "Candidates like an earlier call, by what they are to it.", ["relation"], registry=REGISTRY
)

# Publisher
QUEUED = Counter("twin_queued", "Calls put into the validation queue.", ["outcome"], registry=REGISTRY)
QUEUE_AGE = Histogram(
    "twin_queue_age_seconds", "From posting in WhatsApp to the validation queue.", buckets=_AGE, registry=REGISTRY
)
DECISIONS = Counter("twin_decisions", "Reviewers' decisions.", ["action"], registry=REGISTRY)
CASES = Counter(
    "twin_cases", "Labelled cases made of reviewers' decisions; none: a decision undone.", ["label"], registry=REGISTRY
)
ALERTS = Gauge("twin_alerts", "Alerts that fire, by rule; of the replica that evaluates.", ["rule"], registry=REGISTRY)
UNACCOUNTED = Gauge(
    "twin_unaccounted", "Messages and events that the last account could not find an end for.", registry=REGISTRY
)
ALERTS_TOLD = Counter(
    "twin_alerts_told", "Messages about alerts, by channel and outcome.", ["channel", "outcome"], registry=REGISTRY
)
HOOK_DELIVERIES = Counter(
    "twin_hook_deliveries", "Tries to deliver to a subscriber, by outcome.", ["outcome"], registry=REGISTRY
)
FADED = Counter("twin_faded", "What lost its words and persons by age, by kind.", ["what"], registry=REGISTRY)
PUBLISHED = Counter("twin_published", "Events handed to consumers.", ["type"], registry=REGISTRY)
