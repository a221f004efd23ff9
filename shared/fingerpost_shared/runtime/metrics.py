"""The figures that services count, in Prometheus's format at `/metrics`."""

from prometheus_client import Counter, Gauge, Histogram

HANDLED = Counter("fingerpost_messages_handled", "Durable messages by what became of them", ["service", "consumer", "outcome"])
HANDLED_SECONDS = Histogram(
    "fingerpost_batch_seconds",
    "From a batch's arrival in the handler to its acknowledgement",
    ["service", "consumer"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
PENDING = Gauge("fingerpost_pending_messages", "Messages that a consumer has still to take or acknowledge", ["service", "consumer"])
MENDED = Counter("fingerpost_republished_events", "Events published again because the next book lacked them", ["service", "book"])
UNROUTED = Counter(
    "fingerpost_unrouted_decisions", "Decisions for which no rule named a lead, so that the duty desk owns them", ["service"]
)
LOG_LINES_LATE = Counter("fingerpost_log_lines_late", "Log lines not written at once, as where the disk is full; some may be lost")
STRANGE = Counter(
    "fingerpost_strange_decisions",
    "Decisions on facts that the rule set could not read: they counted as unknown, and the duty desk has a part",
    ["service"],
)
WAITING_ALERTS = Gauge(
    "fingerpost_alerts_waiting_for_mail_server", "Alerts that are not sent because the mail server is, or was, away", ["service", "lane"]
)
