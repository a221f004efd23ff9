"""The console: where people see their queues, read why a referral came to them, and take it. It owns no data: it asks and it submits."""
