-- The tables of the first version. Columns are named as the report's fields
-- (../README says how); times are its text, in UTC.

CREATE TABLE schema_version (
	version INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL
);

-- One row a sensor; the times are packet time.
CREATE TABLE sensor (
	name TEXT NOT NULL PRIMARY KEY,
	first_seen TEXT,
	last_seen TEXT
) WITHOUT ROWID;

-- One row a call or session. a_ and b_: the audio stream of each side, hop 1.
-- The _rev columns hold a number from its end, so that an index finds suffixes.
CREATE TABLE cdr (
	uid TEXT NOT NULL PRIMARY KEY,
	type TEXT NOT NULL,
	sensor TEXT,
	partial TEXT,
	last_packet TEXT,
	packets INTEGER,
	call_id TEXT,
	group_id TEXT,
	state TEXT,
	status INTEGER,
	reason TEXT,
	ended_by TEXT,
	q850 INTEGER,
	caller_user TEXT,
	caller_user_rev TEXT,
	caller_host TEXT,
	caller_name TEXT,
	caller_uri TEXT,
	caller_tag TEXT,
	caller_addr TEXT,
	caller_agent TEXT,
	caller_asserted TEXT,
	callee_user TEXT,
	callee_user_rev TEXT,
	callee_host TEXT,
	callee_name TEXT,
	callee_uri TEXT,
	callee_tag TEXT,
	callee_addr TEXT,
	callee_agent TEXT,
	callee_asserted TEXT,
	transport TEXT,
	start TEXT,
	ring TEXT,
	answer TEXT,
	end_time TEXT,
	duration_ms REAL,
	connect_ms REAL,
	pdd_ms REAL,
	setup_ms REAL,
	a_stream_uid TEXT,
	a_codec TEXT,
	a_packets INTEGER,
	a_lost INTEGER,
	a_loss_pct REAL,
	a_jitter_ms_mean REAL,
	a_jitter_ms_max REAL,
	a_mos_f1 REAL,
	a_mos_f2 REAL,
	a_mos_adaptive REAL,
	a_mos_min REAL,
	a_mos_scale TEXT,
	a_mos_model TEXT,
	a_mos_assumed INTEGER,
	a_rtt_ms_mean REAL,
	b_stream_uid TEXT,
	b_codec TEXT,
	b_packets INTEGER,
	b_lost INTEGER,
	b_loss_pct REAL,
	b_jitter_ms_mean REAL,
	b_jitter_ms_max REAL,
	b_mos_f1 REAL,
	b_mos_f2 REAL,
	b_mos_adaptive REAL,
	b_mos_min REAL,
	b_mos_scale TEXT,
	b_mos_model TEXT,
	b_mos_assumed INTEGER,
	b_rtt_ms_mean REAL,
	offers TEXT,
	pcap TEXT,
	kind TEXT,
	signalling TEXT
);

-- RTP streams: one SSRC in one direction on one 5-tuple.
CREATE TABLE stream (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	stream_uid TEXT,
	src TEXT,
	dst TEXT,
	ssrc TEXT,
	hop INTEGER,
	mid TEXT,
	rid TEXT,
	repairs TEXT,
	sender TEXT,
	media TEXT,
	codec TEXT,
	payload_type INTEGER,
	clock_rate INTEGER,
	codecs TEXT,
	srtp TEXT,
	decrypted INTEGER,
	first TEXT,
	last TEXT,
	packets INTEGER,
	bytes INTEGER,
	expected INTEGER,
	lost INTEGER,
	loss_pct REAL,
	out_of_order INTEGER,
	duplicates INTEGER,
	duplicates_tap INTEGER,
	jitter_ms_mean REAL,
	jitter_ms_max REAL,
	delta_ms_mean REAL,
	delta_ms_max REAL,
	skew_ms REAL,
	dscp INTEGER,
	vlan INTEGER,
	ptime_ms REAL,
	mos_f1 REAL,
	mos_f2 REAL,
	mos_adaptive REAL,
	mos_min REAL,
	mos_scale TEXT,
	mos_model TEXT,
	mos_assumed INTEGER,
	r_factor REAL,
	burst_gap_loss_pct REAL,
	burst_burst_loss_pct REAL,
	burst_burst_ms REAL,
	burst_gap_ms REAL,
	loss_runs TEXT,
	delay_bins TEXT,
	rtcp_sr INTEGER,
	rtcp_rr INTEGER,
	rtcp_xr INTEGER,
	rtcp_nack INTEGER,
	rtcp_pli INTEGER,
	rtcp_fir INTEGER,
	rtcp_remb INTEGER,
	rtcp_twcc INTEGER,
	rtcp_bye INTEGER,
	rtcp_fraction_lost_max REAL,
	rtcp_lost_reported INTEGER,
	rtcp_jitter_ms_max REAL,
	rtcp_rtt_a_ms REAL,
	rtcp_rtt_b_ms REAL,
	rtcp_rtt_ms_mean REAL,
	rtcp_rtt_ms_max REAL,
	PRIMARY KEY (uid, n)
);

-- 10-second slices, a row for each stream and UTC hour; n is the stream's, the
-- layout of slices is drawn in ../README.
CREATE TABLE quality (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	stream_uid TEXT,
	start TEXT NOT NULL,
	slices BLOB NOT NULL,
	PRIMARY KEY (uid, n, start)
);

-- The dialogs of a call: more than one when it was forked.
CREATE TABLE dialog (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	caller_tag TEXT,
	callee_tag TEXT,
	callee_addr TEXT,
	status INTEGER,
	ring TEXT,
	answer TEXT,
	end_time TEXT,
	ended_by TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

-- The index of the ladder: one row a SIP message of a call.
CREATE TABLE sip_message (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	time TEXT,
	src TEXT,
	dst TEXT,
	transport TEXT,
	method TEXT,
	status INTEGER,
	cseq INTEGER,
	len INTEGER,
	retransmission INTEGER,
	copy_of INTEGER,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

-- Digits of a call: RFC 4733 and SIP INFO.
CREATE TABLE dtmf (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	time TEXT,
	digit TEXT,
	duration_ms REAL,
	via TEXT,
	stream TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

-- What is wrong with a call, in words that can be searched.
CREATE TABLE diagnosis (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	code TEXT,
	severity TEXT,
	side TEXT,
	detail TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

-- One row for an address-of-record, contact and source.
CREATE TABLE registration (
	uid TEXT NOT NULL PRIMARY KEY,
	sensor TEXT,
	partial TEXT,
	last_packet TEXT,
	packets INTEGER,
	aor TEXT,
	contact TEXT,
	call_id TEXT,
	src TEXT,
	dst TEXT,
	agent TEXT,
	expires INTEGER,
	state TEXT,
	status INTEGER,
	rtt_ms REAL,
	refreshes INTEGER,
	nat TEXT,
	start TEXT,
	end_time TEXT
);

-- SIP requests outside of calls: OPTIONS, MESSAGE, SUBSCRIBE ...
CREATE TABLE sip_transaction (
	uid TEXT NOT NULL PRIMARY KEY,
	sensor TEXT,
	partial TEXT,
	last_packet TEXT,
	packets INTEGER,
	method TEXT,
	from_uri TEXT,
	to_uri TEXT,
	call_id TEXT,
	src TEXT,
	dst TEXT,
	status INTEGER,
	rtt_ms REAL,
	start TEXT
);

CREATE INDEX cdr_start ON cdr (start);
CREATE INDEX cdr_caller_user ON cdr (caller_user);
CREATE INDEX cdr_callee_user ON cdr (callee_user);
CREATE INDEX cdr_caller_user_rev ON cdr (caller_user_rev);
CREATE INDEX cdr_callee_user_rev ON cdr (callee_user_rev);
CREATE INDEX cdr_call_id ON cdr (call_id);
CREATE INDEX cdr_group_id ON cdr (group_id)
	WHERE group_id IS NOT NULL;
CREATE INDEX cdr_status ON cdr (status);
CREATE INDEX cdr_caller_addr ON cdr (caller_addr);
CREATE INDEX cdr_callee_addr ON cdr (callee_addr);
CREATE INDEX registration_aor ON registration (aor);
CREATE INDEX registration_start ON registration (start);
CREATE INDEX sip_transaction_start ON sip_transaction (start);
