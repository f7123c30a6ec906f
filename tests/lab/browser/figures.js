/* global lab */
/* exported summary */
'use strict';

// What a test asserts, out of a dump of getStats().
function summary(stats) {
	const by = (type) => stats.filter((s) => s.type === type);
	const id = (i) => stats.find((s) => s.id === i);
	const pick = (o, ...names) => Object.fromEntries(names
		.filter((n) => o[n] !== undefined).map((n) => [n, o[n]]));
	const candidate = (c) => c && {
		addr: c.address?.includes(':') ? `[${c.address}]:${c.port}` :
			`${c.address}:${c.port}`,
		type: c.candidateType,
		...pick(c, 'protocol', 'relayProtocol', 'url', 'priority',
			'relatedAddress', 'relatedPort', 'tcpType',
			'usernameFragment') };
	const pair = (p) => p && {
		local: candidate(id(p.localCandidateId)),
		remote: candidate(id(p.remoteCandidateId)),
		...pick(p, 'state', 'nominated', 'selected', 'priority',
			'requestsSent', 'requestsReceived', 'responsesSent',
			'responsesReceived', 'consentRequestsSent',
			'currentRoundTripTime', 'totalRoundTripTime',
			'packetsSent', 'packetsReceived', 'bytesSent',
			'bytesReceived') };
	const stream = (s) => ({
		...pick(s, 'ssrc', 'rtxSsrc', 'fecSsrc', 'kind', 'mid', 'rid',
			'packetsSent', 'packetsReceived', 'packetsLost',
			'retransmittedPacketsSent', 'retransmittedPacketsReceived',
			'fecPacketsReceived', 'bytesSent', 'bytesReceived',
			'headerBytesSent', 'headerBytesReceived',
			'packetsDiscarded', 'nackCount', 'pliCount', 'firCount',
			'framesSent', 'framesEncoded', 'keyFramesEncoded',
			'framesReceived', 'framesDecoded', 'keyFramesDecoded',
			'frameWidth', 'frameHeight', 'jitter', 'active'),
		codec: id(s.codecId)?.mimeType,
		payloadType: id(s.codecId)?.payloadType });
	const transport = (t) => ({
		...pick(t, 'dtlsState', 'iceState', 'iceRole', 'dtlsRole',
			'tlsVersion', 'dtlsCipher', 'srtpCipher', 'packetsSent',
			'packetsReceived', 'iceLocalUsernameFragment',
			'selectedCandidatePairChanges'),
		localFingerprint: id(t.localCertificateId)?.fingerprint,
		remoteFingerprint: id(t.remoteCertificateId)?.fingerprint,
		selected: pair(id(t.selectedCandidatePairId)) });

	return {
		connectionState: lab.pc.connectionState,
		iceConnectionState: lab.pc.iceConnectionState,
		transports: by('transport').map(transport),
		pairs: by('candidate-pair').map(pair),
		out: by('outbound-rtp').map(stream),
		in: by('inbound-rtp').map(stream),
		remoteIn: by('remote-inbound-rtp').map((s) => pick(s, 'ssrc',
			'kind', 'packetsLost', 'fractionLost', 'roundTripTime')),
	};
}
