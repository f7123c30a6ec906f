// The sentences of the help page: [[example or name, sentence]].
import { diagnosisNames } from '../../core/flags.js';

export const words = [
	['301234', 'a number: whole, its beginning or its end, of caller or callee'],
	['*1234*', 'a number with these digits anywhere. No index helps: the latest calls are ' +
		'looked through first, and how far is said'],
	['10.0.0.5', 'an address of either side; 10.0.0.0/24 a subnet'],
	['alice@example.com', 'a user and host, or a Call-ID'],
	['01M8BTSBQFWGQR0V86EQPXNR29', 'a uid, as the report and the pcap\'s name have it'],
	['Linphone', 'other text: the beginning of a user or of an agent, or a whole Call-ID'],
];

export const keys = [
	['number:49301*', 'of either side; caller: and callee: of one'],
	['ip:10.0.0.0/24', 'of either side; caller-ip: and callee-ip: of one'],
	['agent:Linphone*', 'User-Agent or Server; agent:"Phone 1" whole'],
	['status:4xx,503', 'of the initial INVITE'],
	['state:failed', 'completed, failed, cancelled, redirected, unanswered, expired, active'],
	['type:session', 'a call is SIP; a session is WebRTC or RTP that no SIP announced'],
	['kind:webrtc', 'of a session: webrtc or rtp; signalling: how it was announced'],
	['mos<3.5', 'the score of the worse side'],
	['loss>1', 'percent'],
	['jitter>30', 'milliseconds; so are rtt and pdd'],
	['duration>60', 'seconds, or 10m'],
	['codec:opus', 'of either side'],
	['transport:wss', 'udp, tcp, tls, ws, wss or sctp; trunk: as billing names it'],
	['diag:one-way', 'calls with this finding, see the flags below'],
	['ended-by:callee', 'caller, callee or network'],
	['from:-2h', 'began since; to: before. Also 2026-11-26T14:00, in UTC'],
	['call-id:x@host', 'whole; group: linked legs, uid: one record, sensor: where it was seen'],
	['-type:session status:486', 'everything but sessions, and busy'],
];

export const numbers = [
	['MOS', 'listening quality from 1 to 4.5, by the E-model with an adaptive jitter buffer. ' +
		'Scales differ: NB (telephone band), WB and FB are not comparable; the scale is shown ' +
		'when you point at it. Below 3.6 it is red, below 3.1 bold'],
	['loss', 'packets that never came, in percent of those expected. Red from 1, bold from 5'],
	['jitter', 'RFC 3550, mean of the stream, in milliseconds. Red from 30'],
	['dur', 'from the answer to the end; without an answer from the start'],
	['PDD', 'post-dial delay: from the INVITE to the first ringing or final response'],
	['RTT', 'round trip by RTCP'],
	['ASR', 'answer-seizure ratio: answered of all calls that came to an end'],
	['NER', 'network effectiveness ratio: answered, busy, refused, or it rang and nobody answered'],
	['ACD', 'average duration of an answered call, from the answer on'],
	['at once', 'the most calls that were up together in a step of the chart'],
	['status', 'of the initial INVITE; the state where there is no status'],
	['time', 'in the zone of this browser, which the clock shows; point at it for UTC'],
	['a dash', 'was not measured or not seen: it is never zero'],
];

export const live = [
	['MOS now', 'of the last 1024 packets; point at it for the score since the beginning'],
	['nothing moves', 'under the pointer: new calls are counted above the table, and come in ' +
		'when the pointer leaves it. What is over is faint for a while and leads to its record'],
	['tap', 'packets dropped in the last minute; red, too, when none comes, only one ' +
		'direction is seen, or packets come twice. While it is red, losses of calls may be the tap\'s'],
	['store', 'records that wait, safe on disk; what waits is not found by a search yet'],
	['disk, recordings', 'told only when something is missing. A click on the line says what ' +
		'to do'],
];

export const callPage = [
	['one axis', 'ladder, charts, burst map, checks and sound share the call\'s time: drag to ' +
		'zoom, double-click to go back, or use the buttons'],
	['a gap', 'in a line: nothing was measured there. A ring is what the receiver reported ' +
		'by RTCP'],
	['burst map', 'a mark for each run of lost packets, as high as the run is long'],
	['ICE ●', 'the pair that DTLS or media used last. Rows are candidates of a, columns of b'],
	['✓ ✗', 'answered, failed. ½: the checks of one side only'],
	['… · ?', 'under way when the capture ended, never tried, not known'],
	['Listen', 'loads the sound and is kept in the audit log; opening the page is not'],
];

export const roles = [
	['viewer', 'searches, figures, ladder and charts; no audio, no packets, no text of ' +
		'messages; numbers may be masked'],
	['analyst', 'also packets, audio and the text of messages. Each is in the audit log'],
	['admin', 'also the audit log'],
];

export function flagTable() {
	return diagnosisNames().map(([code, name]) => [name, code]);
}
