// said.mjs NAME.truth.json: the end points' figures in a few lines, for
// samples/SOURCES.
import { readFileSync } from 'node:fs';

const truth = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const versions = { FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' };

function transport(t) {
	const at = (c) => `${c.addr} ${c.type}`;
	const pair = t.selected;

	return [
		pair ? `${at(pair.local)} - ${at(pair.remote)}` : 'no pair',
		versions[t.tlsVersion], t.srtpCipher,
	].filter(Boolean).join(', ');
}

function stream(s) {
	const rid = s.rid ? ` ${s.rid}` : '';

	return s.packetsSent === undefined ?
		`${s.kind}${rid} received ${s.packetsReceived} lost ${s.packetsLost}` :
		`${s.kind}${rid} sent ${s.packetsSent}${s.retransmittedPacketsSent ?
			` (again ${s.retransmittedPacketsSent})` : ''}`;
}

for (const { name, browser, summaries: { end } } of truth.pages) {
	console.log(`${name}, ${browser}: ${end.connectionState}`);
	for (const t of end.transports)
		console.log(`  ${transport(t)}`);
	if (end.out.length + end.in.length)
		console.log(`  ${[...end.out, ...end.in].map(stream).join(', ')}`);
}
truth.counters.forEach((c) => console.log(c));
