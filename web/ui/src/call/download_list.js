// What can be taken along of a call, or why not. Pure.

const base = (uid) => `/api/v1/calls/${encodeURIComponent(uid)}`;

function needsRole(session) {
	return session.role === 'viewer' ?
		'Your role may not take packets or sound along. An analyst may.' : null;
}

const notRecorded = 'This call was not recorded. The setting "record" says what is.';

/* Items in the order of the menu: { id, title, about, href, file, why }; why
 * is null where it can be had. `audible` is what audibility() says. */
export function downloadsOf(call, session, audible) {
	const packets = needsRole(session) ?? (call.pcap ? null : notRecorded);
	const uid = call.uid;

	return [
		{ id: 'pcap', title: 'pcap', about: 'packets as recorded',
		  href: `${base(uid)}/pcap?format=pcap&keys=0`, file: `${uid}.pcap`, why: packets },
		{ id: 'pcapng', title: 'pcapng', about: 'with names of interfaces',
		  href: `${base(uid)}/pcap?format=pcapng&keys=0`, file: `${uid}.pcapng`,
		  why: packets },
		{ id: 'keys', title: 'pcapng with keys',
		  about: 'also the secrets that were recorded (record-secrets)',
		  href: `${base(uid)}/pcap?format=pcapng&keys=1`, file: `${uid}-keys.pcapng`,
		  why: packets ?? (hasSecrets(call) ? null :
		  	'Nothing of this call was encrypted.') },
		{ id: 'legs', title: 'all legs', about: 'one pcap of the legs together',
		  href: `${base(uid)}/pcap?format=pcap&legs=1&keys=0`, file: `${uid}-legs.pcap`,
		  why: packets ?? (call.group_id ? null : 'This call has no other legs.') },
		{ id: 'wav', title: 'WAV', about: 'caller left, callee right',
		  href: `${base(uid)}/wav`, file: `${uid}.wav`,
		  why: packets ?? (audible.can ? null : audible.why) },
		{ id: 'json', title: 'JSON', about: 'the record', href: `${base(uid)}/json`,
		  file: `${uid}.json`, why: null },
	];
}

/* Whether keys could help: something is encrypted. */
function hasSecrets(call) {
	return call.dtls.length > 0 || call.streams.some((s) => s.srtp) ||
		['tls', 'wss'].includes(call.transport);
}
