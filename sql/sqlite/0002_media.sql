-- Repair, video, header extensions and RTCP feedback of streams. New rows of
-- quality.slices have version 2 (../README).

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
