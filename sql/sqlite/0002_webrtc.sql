-- WebRTC: what ICE, DTLS and TURN tell of a call or session, keys of SRTP,
-- repair and video of streams. Takes no time online: new tables, and columns
-- that are NULL in old rows. New rows of quality.slices have version 2
-- (../README).

-- One row a candidate; a, b and generation name the exchange it belongs to.
CREATE TABLE ice_candidate (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	a TEXT,
	b TEXT,
	generation INTEGER,
	controlling TEXT,
	lite TEXT,
	nomination TEXT,
	role_conflicts INTEGER,
	result TEXT,
	connect_ms REAL,
	started TEXT,
	side TEXT,
	foundation TEXT,
	component INTEGER,
	transport TEXT,
	priority INTEGER,
	addr TEXT,
	type TEXT,
	related TEXT,
	resolved TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

-- One row a candidate pair.
CREATE TABLE ice_pair (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	a TEXT,
	b TEXT,
	generation INTEGER,
	controlling TEXT,
	lite TEXT,
	nomination TEXT,
	role_conflicts INTEGER,
	result TEXT,
	connect_ms REAL,
	started TEXT,
	local TEXT,
	remote TEXT,
	component INTEGER,
	transport TEXT,
	local_type TEXT,
	remote_type TEXT,
	state TEXT,
	reason TEXT,
	nominated INTEGER,
	selected INTEGER,
	ab_requests INTEGER,
	ab_responses INTEGER,
	ab_errors INTEGER,
	ab_retransmissions INTEGER,
	ab_rtt_ms_mean REAL,
	ba_requests INTEGER,
	ba_responses INTEGER,
	ba_errors INTEGER,
	ba_retransmissions INTEGER,
	ba_rtt_ms_mean REAL,
	first TEXT,
	last TEXT,
	via_relay INTEGER,
	consent_lost INTEGER,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

CREATE TABLE dtls_session (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	client TEXT,
	server TEXT,
	version TEXT,
	cipher TEXT,
	srtp_profile TEXT,
	offered_profiles TEXT,
	started TEXT,
	finished TEXT,
	handshake_ms REAL,
	retransmissions INTEGER,
	fingerprint_client TEXT,
	fingerprint_server TEXT,
	fingerprint_match INTEGER,
	setup_match INTEGER,
	alert TEXT,
	state TEXT,
	key_state TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

CREATE TABLE turn_allocation (
	uid TEXT NOT NULL,
	n INTEGER NOT NULL,
	client TEXT,
	server TEXT,
	transport TEXT,
	realm TEXT,
	username TEXT,
	relayed TEXT,
	mapped TEXT,
	lifetime_s INTEGER,
	created TEXT,
	closed TEXT,
	permissions TEXT,
	channels TEXT,
	bytes_up INTEGER,
	bytes_down INTEGER,
	packets_up INTEGER,
	packets_down INTEGER,
	error INTEGER,
	delay_ms REAL,
	lost INTEGER,
	software TEXT,
	integrity TEXT,
	PRIMARY KEY (uid, n)
) WITHOUT ROWID;

ALTER TABLE cdr ADD COLUMN nat TEXT;

ALTER TABLE stream ADD COLUMN codec_guessed INTEGER;
ALTER TABLE stream ADD COLUMN rtcp_nack_numbers INTEGER;
ALTER TABLE stream ADD COLUMN rtcp_remb_kbps REAL;
ALTER TABLE stream ADD COLUMN transport_expected INTEGER;
ALTER TABLE stream ADD COLUMN transport_lost INTEGER;
ALTER TABLE stream ADD COLUMN audio_level_mean REAL;
ALTER TABLE stream ADD COLUMN audio_level_max REAL;
ALTER TABLE stream ADD COLUMN audio_level_voice_pct REAL;
ALTER TABLE stream ADD COLUMN repair_rtx INTEGER;
ALTER TABLE stream ADD COLUMN repair_red INTEGER;
ALTER TABLE stream ADD COLUMN repair_fec INTEGER;
ALTER TABLE stream ADD COLUMN repair_lost_after INTEGER;
ALTER TABLE stream ADD COLUMN video_frames INTEGER;
ALTER TABLE stream ADD COLUMN video_fps REAL;
ALTER TABLE stream ADD COLUMN video_keyframes INTEGER;
ALTER TABLE stream ADD COLUMN video_width INTEGER;
ALTER TABLE stream ADD COLUMN video_height INTEGER;
ALTER TABLE stream ADD COLUMN video_bitrate_kbps_mean REAL;
ALTER TABLE stream ADD COLUMN video_bitrate_kbps_max REAL;
ALTER TABLE stream ADD COLUMN video_spatial_layers INTEGER;
ALTER TABLE stream ADD COLUMN video_temporal_layers INTEGER;
ALTER TABLE stream ADD COLUMN turn_client TEXT;
ALTER TABLE stream ADD COLUMN turn_relayed TEXT;
ALTER TABLE stream ADD COLUMN turn_peer TEXT;
-- Whether a key opened an SRTP stream: ok, partly, wrong, missing, ...
ALTER TABLE stream ADD COLUMN key_state TEXT;
