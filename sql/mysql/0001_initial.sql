-- The tables of the first version: those of sqlite/0001 to 0003, with the same
-- names. Only for an empty database; takes seconds. A run that was interrupted
-- is taken up again: each statement may be repeated.
--
-- The tables of records are partitioned by day through the uid, whose first
-- ten characters are the time: p_old holds what is from before 2000, p_future
-- what lies ahead of the days that exist. The program adds and drops the days.

CREATE TABLE IF NOT EXISTS schema_version (
	version INT NOT NULL,
	name VARCHAR(255) NOT NULL,
	PRIMARY KEY (version)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a sensor; the times are packet time.
CREATE TABLE IF NOT EXISTS sensor (
	name VARCHAR(255) NOT NULL,
	first_seen DATETIME(6),
	last_seen DATETIME(6),
	PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a call or session. a_ and b_: the audio stream of each side, hop 1.
-- held: 1 = a legal hold, retention leaves it alone.
-- The _rev columns hold a number from its end, so that an index finds suffixes.
CREATE TABLE IF NOT EXISTS cdr (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sensor VARCHAR(255),
	partial VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	last_packet DATETIME(6),
	packets BIGINT,
	call_id VARCHAR(512),
	group_id VARCHAR(255),
	state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	status INT UNSIGNED,
	reason VARCHAR(255),
	ended_by VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	q850 INT UNSIGNED,
	caller_user VARCHAR(190),
	caller_user_rev VARCHAR(190),
	caller_host VARCHAR(255),
	caller_name VARCHAR(255),
	caller_uri VARCHAR(1024),
	caller_tag VARCHAR(255),
	caller_addr VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	caller_agent VARCHAR(255),
	caller_asserted VARCHAR(1024),
	callee_user VARCHAR(190),
	callee_user_rev VARCHAR(190),
	callee_host VARCHAR(255),
	callee_name VARCHAR(255),
	callee_uri VARCHAR(1024),
	callee_tag VARCHAR(255),
	callee_addr VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	callee_agent VARCHAR(255),
	callee_asserted VARCHAR(1024),
	transport VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	start DATETIME(6),
	ring DATETIME(6),
	answer DATETIME(6),
	end_time DATETIME(6),
	duration_ms DOUBLE,
	connect_ms DOUBLE,
	pdd_ms DOUBLE,
	setup_ms DOUBLE,
	a_stream_uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin,
	a_codec VARCHAR(255),
	a_packets BIGINT,
	a_lost BIGINT,
	a_loss_pct DOUBLE,
	a_jitter_ms_mean DOUBLE,
	a_jitter_ms_max DOUBLE,
	a_mos_f1 DOUBLE,
	a_mos_f2 DOUBLE,
	a_mos_adaptive DOUBLE,
	a_mos_min DOUBLE,
	a_mos_scale VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	a_mos_model VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	a_mos_assumed TINYINT,
	a_rtt_ms_mean DOUBLE,
	b_stream_uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin,
	b_codec VARCHAR(255),
	b_packets BIGINT,
	b_lost BIGINT,
	b_loss_pct DOUBLE,
	b_jitter_ms_mean DOUBLE,
	b_jitter_ms_max DOUBLE,
	b_mos_f1 DOUBLE,
	b_mos_f2 DOUBLE,
	b_mos_adaptive DOUBLE,
	b_mos_min DOUBLE,
	b_mos_scale VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	b_mos_model VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	b_mos_assumed TINYINT,
	b_rtt_ms_mean DOUBLE,
	offers MEDIUMTEXT,
	pcap VARCHAR(255),
	kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	signalling VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	nat MEDIUMTEXT,
	held TINYINT NOT NULL DEFAULT 0,
	PRIMARY KEY (uid),
	KEY cdr_start (start),
	KEY cdr_caller_user (caller_user),
	KEY cdr_callee_user (callee_user),
	KEY cdr_caller_user_rev (caller_user_rev),
	KEY cdr_callee_user_rev (callee_user_rev),
	KEY cdr_call_id (call_id),
	KEY cdr_group_id (group_id),
	KEY cdr_status (status),
	KEY cdr_caller_addr (caller_addr),
	KEY cdr_callee_addr (callee_addr),
	KEY cdr_caller_agent (caller_agent),
	KEY cdr_callee_agent (callee_agent),
	KEY cdr_duration (duration_ms),
	KEY cdr_a_mos (a_mos_adaptive),
	KEY cdr_b_mos (b_mos_adaptive)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- RTP streams: one SSRC in one direction on one 5-tuple.
CREATE TABLE IF NOT EXISTS stream (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	stream_uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin,
	src VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	dst VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	ssrc CHAR(10) CHARACTER SET ascii COLLATE ascii_bin,
	hop INT UNSIGNED,
	mid VARCHAR(255),
	rid VARCHAR(255),
	repairs CHAR(10) CHARACTER SET ascii COLLATE ascii_bin,
	sender VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	media VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	codec VARCHAR(255),
	payload_type INT UNSIGNED,
	clock_rate INT UNSIGNED,
	codecs MEDIUMTEXT,
	srtp VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	decrypted TINYINT,
	first DATETIME(6),
	last DATETIME(6),
	packets BIGINT,
	bytes BIGINT,
	expected BIGINT,
	lost BIGINT,
	loss_pct DOUBLE,
	out_of_order BIGINT,
	duplicates BIGINT,
	duplicates_tap BIGINT,
	jitter_ms_mean DOUBLE,
	jitter_ms_max DOUBLE,
	delta_ms_mean DOUBLE,
	delta_ms_max DOUBLE,
	skew_ms DOUBLE,
	dscp INT UNSIGNED,
	vlan INT UNSIGNED,
	ptime_ms DOUBLE,
	mos_f1 DOUBLE,
	mos_f2 DOUBLE,
	mos_adaptive DOUBLE,
	mos_min DOUBLE,
	mos_scale VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	mos_model VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	mos_assumed TINYINT,
	r_factor DOUBLE,
	burst_gap_loss_pct DOUBLE,
	burst_burst_loss_pct DOUBLE,
	burst_burst_ms DOUBLE,
	burst_gap_ms DOUBLE,
	loss_runs VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin,
	delay_bins VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin,
	rtcp_sr BIGINT,
	rtcp_rr BIGINT,
	rtcp_xr BIGINT,
	rtcp_nack BIGINT,
	rtcp_pli BIGINT,
	rtcp_fir BIGINT,
	rtcp_remb BIGINT,
	rtcp_twcc BIGINT,
	rtcp_bye BIGINT,
	rtcp_fraction_lost_max DOUBLE,
	rtcp_lost_reported BIGINT,
	rtcp_jitter_ms_max DOUBLE,
	rtcp_rtt_a_ms DOUBLE,
	rtcp_rtt_b_ms DOUBLE,
	rtcp_rtt_ms_mean DOUBLE,
	rtcp_rtt_ms_max DOUBLE,
	codec_guessed TINYINT,
	rtcp_nack_numbers BIGINT,
	rtcp_remb_kbps DOUBLE,
	transport_expected BIGINT,
	transport_lost BIGINT,
	audio_level_mean DOUBLE,
	audio_level_max DOUBLE,
	audio_level_voice_pct DOUBLE,
	repair_rtx BIGINT,
	repair_red BIGINT,
	repair_fec BIGINT,
	repair_lost_after BIGINT,
	video_frames BIGINT,
	video_fps DOUBLE,
	video_keyframes BIGINT,
	video_width INT UNSIGNED,
	video_height INT UNSIGNED,
	video_bitrate_kbps_mean DOUBLE,
	video_bitrate_kbps_max DOUBLE,
	video_spatial_layers INT UNSIGNED,
	video_temporal_layers INT UNSIGNED,
	turn_client VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	turn_relayed VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	turn_peer VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	key_state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- 10-second slices, a row for each stream and UTC hour; n is the stream's, the
-- layout of slices is drawn in ../README.
CREATE TABLE IF NOT EXISTS quality (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	stream_uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin,
	start DATETIME(6) NOT NULL,
	slices MEDIUMBLOB NOT NULL,
	PRIMARY KEY (uid, n, start)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- The dialogs of a call: more than one when it was forked.
CREATE TABLE IF NOT EXISTS dialog (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	caller_tag VARCHAR(255),
	callee_tag VARCHAR(255),
	callee_addr VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	status INT UNSIGNED,
	ring DATETIME(6),
	answer DATETIME(6),
	end_time DATETIME(6),
	ended_by VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- The index of the ladder: one row a SIP message of a call.
CREATE TABLE IF NOT EXISTS sip_message (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	time DATETIME(6),
	src VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	dst VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	transport VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	method VARCHAR(255),
	status INT UNSIGNED,
	cseq INT UNSIGNED,
	len INT UNSIGNED,
	retransmission TINYINT,
	copy_of INT UNSIGNED,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- Digits of a call: RFC 4733 and SIP INFO.
CREATE TABLE IF NOT EXISTS dtmf (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	time DATETIME(6),
	digit VARCHAR(64),
	duration_ms DOUBLE,
	via VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	stream VARCHAR(26) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- What is wrong with a call, in words that can be searched.
CREATE TABLE IF NOT EXISTS diagnosis (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	severity VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	side VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	detail VARCHAR(1024),
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- One row for an address-of-record, contact and source.
CREATE TABLE IF NOT EXISTS registration (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sensor VARCHAR(255),
	partial VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	last_packet DATETIME(6),
	packets BIGINT,
	aor VARCHAR(512),
	contact VARCHAR(1024),
	call_id VARCHAR(512),
	src VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	dst VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	agent VARCHAR(255),
	expires INT UNSIGNED,
	state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	status INT UNSIGNED,
	rtt_ms DOUBLE,
	refreshes BIGINT,
	nat VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	start DATETIME(6),
	end_time DATETIME(6),
	PRIMARY KEY (uid),
	KEY registration_aor (aor),
	KEY registration_start (start)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- SIP requests outside of calls: OPTIONS, MESSAGE, SUBSCRIBE ...
CREATE TABLE IF NOT EXISTS sip_transaction (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	sensor VARCHAR(255),
	partial VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	last_packet DATETIME(6),
	packets BIGINT,
	method VARCHAR(255),
	from_uri VARCHAR(1024),
	to_uri VARCHAR(1024),
	call_id VARCHAR(512),
	src VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	dst VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	status INT UNSIGNED,
	rtt_ms DOUBLE,
	start DATETIME(6),
	PRIMARY KEY (uid),
	KEY sip_transaction_start (start)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- One row a candidate; a, b and generation name the exchange it belongs to.
CREATE TABLE IF NOT EXISTS ice_candidate (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	a VARCHAR(255),
	b VARCHAR(255),
	generation INT UNSIGNED,
	controlling VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	lite VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	nomination VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	role_conflicts BIGINT,
	result VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	connect_ms DOUBLE,
	started DATETIME(6),
	side VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	foundation VARCHAR(255),
	component INT UNSIGNED,
	transport VARCHAR(64),
	priority INT UNSIGNED,
	addr VARCHAR(255),
	type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	related VARCHAR(255),
	resolved VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

-- One row a candidate pair.
CREATE TABLE IF NOT EXISTS ice_pair (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	a VARCHAR(255),
	b VARCHAR(255),
	generation INT UNSIGNED,
	controlling VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	lite VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	nomination VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	role_conflicts BIGINT,
	result VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	connect_ms DOUBLE,
	started DATETIME(6),
	local VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	remote VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	component INT UNSIGNED,
	transport VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	local_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	remote_type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	reason VARCHAR(255),
	nominated TINYINT,
	selected TINYINT,
	ab_requests BIGINT,
	ab_responses BIGINT,
	ab_errors BIGINT,
	ab_retransmissions BIGINT,
	ab_rtt_ms_mean DOUBLE,
	ba_requests BIGINT,
	ba_responses BIGINT,
	ba_errors BIGINT,
	ba_retransmissions BIGINT,
	ba_rtt_ms_mean DOUBLE,
	first DATETIME(6),
	last DATETIME(6),
	via_relay TINYINT,
	consent_lost TINYINT,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

CREATE TABLE IF NOT EXISTS dtls_session (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	client VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	server VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	version VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	cipher VARCHAR(255),
	srtp_profile VARCHAR(255),
	offered_profiles MEDIUMTEXT,
	started DATETIME(6),
	finished DATETIME(6),
	handshake_ms DOUBLE,
	retransmissions BIGINT,
	fingerprint_client VARCHAR(255),
	fingerprint_server VARCHAR(255),
	fingerprint_match TINYINT,
	setup_match TINYINT,
	alert VARCHAR(255),
	state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	key_state VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));

CREATE TABLE IF NOT EXISTS turn_allocation (
	uid CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	n INT NOT NULL,
	client VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	server VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	transport VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	realm VARCHAR(255),
	username VARCHAR(512),
	relayed VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	mapped VARCHAR(56) CHARACTER SET ascii COLLATE ascii_bin,
	lifetime_s INT UNSIGNED,
	created DATETIME(6),
	closed DATETIME(6),
	permissions MEDIUMTEXT,
	channels MEDIUMTEXT,
	bytes_up BIGINT,
	bytes_down BIGINT,
	packets_up BIGINT,
	packets_down BIGINT,
	error INT UNSIGNED,
	delay_ms DOUBLE,
	lost BIGINT,
	software VARCHAR(255),
	integrity VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
	PRIMARY KEY (uid, n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
	PARTITION BY RANGE COLUMNS (uid) (
		PARTITION p_old VALUES LESS THAN ('00VHNCZB000000000000000000'),
		PARTITION p_future VALUES LESS THAN (MAXVALUE));
