// said.mjs NAME.truth.json: the end points' figures in a few lines, for
// samples/SOURCES.
import { readFileSync } from 'node:fs';

const truth = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const versions = { FEFD: 'DTLS 1.2', FEFC: 'DTLS 1.3' };

function transport({ selected: pair, tlsVersion, srtpCipher }) {
	const at = (c) => `${c.addr} ${c.type}`;

	return [
		pair ? `${at(pair.local)} - ${at(pair.remote)}` : 'no pair',
		...tlsVersion ? [`${versions[tlsVersion]}, ${srtpCipher}`] : [],
	];
}

function sent(s) {
	const again = s.retransmittedPacketsSent;

	return `${[s.kind, s.rid].filter(Boolean).join(' ')} sent ` +
		`${s.packetsSent}${again ? ` (again ${again})` : ''}`;
}

function received(s) {
	return `${s.kind} received ${s.packetsReceived} lost ${s.packetsLost}`;
}

for (const { name, browser, summaries: { end } } of truth.pages)
	console.log([
		`${name}, ${browser}: ${end.connectionState}`,
		...[
			...end.transports.flatMap(transport),
			end.out.map(sent).join(', '), end.in.map(received).join(', '),
		].filter(Boolean).map((line) => `  ${line}`),
	].join('\n'));
truth.counters.forEach((c) => console.log(c));
