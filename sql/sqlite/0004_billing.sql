-- What a bill needs: columns that are NULL in old rows, and the view
-- billing_cdr (docs/BILLING.md). Takes no time online.

ALTER TABLE cdr ADD COLUMN billing_end TEXT;
ALTER TABLE cdr ADD COLUMN billing_billable_us INTEGER;
-- Words with a space between; '' = none, NULL = a row from before.
ALTER TABLE cdr ADD COLUMN billing_flags TEXT;
ALTER TABLE cdr ADD COLUMN billing_caller_e164 TEXT;
ALTER TABLE cdr ADD COLUMN billing_callee_e164 TEXT;
ALTER TABLE cdr ADD COLUMN billing_trunk_in TEXT;
ALTER TABLE cdr ADD COLUMN billing_trunk_out TEXT;
ALTER TABLE cdr ADD COLUMN billing_direction TEXT;

-- One row a chargeable call: SIP, answered, over. A row from before has the
-- same rules applied to what it tells: BYE, else the last media packet.
CREATE VIEW billing_cdr AS
SELECT
	uid,
	start,
	answer,
	stop AS "end",
	CASE
	WHEN billing_flags IS NOT NULL THEN billing_billable_us
	WHEN stop < answer THEN 0
	ELSE (strftime('%s', stop) - strftime('%s', answer)) * 1000000
		+ substr(stop, 21, 6) - substr(answer, 21, 6)
	END / 1000000.0 AS billable_s,
	caller_user AS caller,
	callee_user AS callee,
	billing_caller_e164 AS caller_e164,
	billing_callee_e164 AS callee_e164,
	coalesce(billing_trunk_in, billing_trunk_out) AS trunk,
	billing_direction AS direction,
	status,
	q850,
	coalesce(a_codec, b_codec) AS codec,
	min(coalesce(a_mos_adaptive, b_mos_adaptive),
		coalesce(b_mos_adaptive, a_mos_adaptive)) AS mos,
	CASE
	WHEN billing_flags IS NOT NULL THEN billing_flags
	WHEN state = 'completed' THEN 'old'
	WHEN stop IS NULL THEN 'no-bye no-media old'
	ELSE 'no-bye old'
	END AS flags
FROM (
	SELECT
		*,
		CASE
		WHEN billing_flags IS NOT NULL THEN billing_end
		WHEN state = 'completed' THEN end_time
		ELSE (
			SELECT max(s.last)
			FROM stream AS s
			WHERE s.uid = cdr.uid AND s.last > cdr.answer
		)
		END AS stop
	FROM cdr
	WHERE type = 'call' AND answer IS NOT NULL AND state <> 'active'
);
