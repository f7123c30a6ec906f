// DTLS handshakes in words (RFC 6347, 9147, 5764, 8122). Pure.

/* Whether the certificates are those that the SDP promised. */
export function fingerprintVerdict(dtls) {
	if (dtls.fingerprint_match === true)
		return {
			verdict: 'ok',
			text: 'Certificate as promised: what was seen is what a=fingerprint says.',
		};
	if (dtls.fingerprint_match === false)
		return {
			verdict: 'bad',
			text: 'Wrong certificate: none of those that its side promised in ' +
				'a=fingerprint. Somebody is in between, or the SDP was changed on ' +
				'its way.',
		};
	return { verdict: 'unknown', text: unknownWhy(dtls) };
}

function unknownWhy(dtls) {
	if (dtls.fingerprint_client || dtls.fingerprint_server)
		return 'Certificate seen, but no a=fingerprint to hold it against: the ' +
			'signalling was not seen or promised none.';
	if (dtls.version === '1.3' && dtls.key_state !== 'ok')
		return 'Not known: DTLS 1.3 encrypts the certificate, and there are no keys.';
	if (dtls.state === 'joined')
		return 'Not known: the handshake was before the capture began.';
	return 'Not known: no certificate was seen.';
}

const states = {
	'finished': 'finished',
	'failed': 'refused',
	'unfinished': 'never finished',
	'in-progress': 'in progress when the capture ended',
	'joined': 'was before the capture began',
};

export function dtlsState(dtls) {
	return states[dtls.state] ?? dtls.state;
}

function ms(v) {
	return v < 1000 ? `${Math.round(v)} ms` : `${(v / 1000).toFixed(1)} s`;
}

/* One sentence on the handshake. */
export function dtlsStory(dtls) {
	const version = dtls.version ? `DTLS ${dtls.version}` : 'DTLS';

	if (dtls.state === 'failed')
		return `${version} was refused${dtls.alert ?
			` with alert ${dtls.alert}` : ''}: no media keys, so no media.`;
	if (dtls.state === 'unfinished')
		return `${version} was begun and never finished${dtls.retransmissions ?
			`; flights were sent again ${dtls.retransmissions}\u00a0times` : ''}: ` +
			'its packets are dropped, or the other side does not answer.';
	if (dtls.state === 'joined')
		return `${version}: the handshake was before the capture began.`;
	if (dtls.state === 'in-progress')
		return `${version} was under way when the capture ended.`;
	return `${version} finished${dtls.handshake_ms === null ? '' :
		` in ${ms(dtls.handshake_ms)}`}${dtls.retransmissions ?
		`, after flights were sent again ${dtls.retransmissions}\u00a0times` : ''}` +
		`${dtls.alert && dtls.alert !== 'close_notify' ?
			`; alert ${dtls.alert}` : ''}.`;
}

export function setupWords(dtls) {
	if (dtls.setup_match === false)
		return 'The client is not the side that a=setup made active.';
	if (dtls.setup_match === true)
		return 'The client is the side that a=setup made active.';
	return 'Nothing tells which side a=setup made active.';
}

export function profileWords(dtls) {
	if (dtls.srtp_profile)
		return dtls.srtp_profile;
	if (dtls.version === '1.3' && dtls.offered_profiles.length)
		return `hidden in 1.3 (offered: ${dtls.offered_profiles.join(', ')})`;
	return dtls.offered_profiles.length ?
		`not chosen (offered: ${dtls.offered_profiles.join(', ')})` : 'none offered';
}
