-- Calls on hold, and indexes for searches by agent, duration and quality.
-- Online: reading goes on, writing waits, for some 30 s a million calls (their
-- records wait in the queue). mysql/0001 has all of it.

-- 1: a legal hold, retention leaves the call alone.
ALTER TABLE cdr ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

CREATE INDEX cdr_held ON cdr (uid) WHERE held = 1;
CREATE INDEX cdr_caller_agent ON cdr (caller_agent);
CREATE INDEX cdr_callee_agent ON cdr (callee_agent);
CREATE INDEX cdr_duration ON cdr (duration_ms);
CREATE INDEX cdr_a_mos ON cdr (a_mos_adaptive);
CREATE INDEX cdr_b_mos ON cdr (b_mos_adaptive);
