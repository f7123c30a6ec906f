-- What a bill needs, and the view billing_cdr (docs/BILLING.md): see
-- sqlite/0004. Takes no time online: the columns are added instantly. A run
-- that was interrupted is taken up again: on MariaDB each statement may be
-- repeated.

ALTER TABLE cdr
	ADD COLUMN /*M! IF NOT EXISTS */ billing_end DATETIME(6),
	ADD COLUMN /*M! IF NOT EXISTS */ billing_billable_us BIGINT,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_flags
		VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_caller_e164
		VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_callee_e164
		VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_trunk_in
		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_trunk_out
		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	ADD COLUMN /*M! IF NOT EXISTS */ billing_direction
		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin;

-- One row a chargeable call: SIP, answered, over. No row is older than these
-- columns.
CREATE OR REPLACE VIEW billing_cdr AS
SELECT
	uid,
	start,
	answer,
	billing_end AS `end`,
	CAST(billing_billable_us * 0.000001 AS DECIMAL(18,6)) AS billable_s,
	caller_user AS caller,
	callee_user AS callee,
	billing_caller_e164 AS caller_e164,
	billing_callee_e164 AS callee_e164,
	COALESCE(billing_trunk_in, billing_trunk_out) AS trunk,
	billing_direction AS direction,
	status,
	q850,
	COALESCE(a_codec, b_codec) AS codec,
	LEAST(COALESCE(a_mos_adaptive, b_mos_adaptive),
		COALESCE(b_mos_adaptive, a_mos_adaptive)) AS mos,
	billing_flags AS flags
FROM cdr
WHERE type = 'call' AND answer IS NOT NULL AND state <> 'active';
