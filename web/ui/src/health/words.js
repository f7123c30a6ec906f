// What the health line says. Pure: of the body of GET /health.
import { bytes, number, percent, span } from '../core/format.js';

const IDLE_MS = 60e3;
const BEHIND_MS = 60e3;

function has(health, ...codes) {
	return health.warnings.some((w) => codes.includes(w.code));
}

/* { text, bad } of the tap. */
export function tapWords(health) {
	const c = health.capture;

	if (!c)
		return { text: 'no capture', bad: false };
	if (!c.live)
		return { text: fileWords(c), bad: false };
	if (has(health, 'capture_stalled'))
		return { text: `tap: stalled for ${span(c.age_ms)}`, bad: true };
	if (c.idle_ms > IDLE_MS)
		return { text: `tap: silent for ${span(c.idle_ms)}`, bad: true };
	const { kernel_minute: kernel, ring_minute: ring, workers_minute: workers,
		limit_minute: limit } = c.dropped;
	const drops = kernel + ring + workers + limit;

	if (drops > 0)
		return { text: `tap: ${number(drops)} drops/min`, bad: true };
	const wrong = tapWrongs.find(([code]) => has(health, code));

	return wrong ? { text: `tap: ${wrong[1]}`, bad: true } : { text: 'tap: 0 drops', bad: false };
}

/* The first of them that is warned of. */
const tapWrongs = [
	['interface_down', 'interface down'],
	['no_carrier', 'no carrier'],
	['one_direction', 'one direction only'],
	['doubled_mirror', 'packets twice'],
	['offload_on', 'offload is on'],
];

function fileWords(c) {
	if (c.ended)
		return 'files read';
	const { read_bytes: read, size_bytes: size } = c.input;

	return size > 0 ? `reading: ${percent(Math.min(100, 100 * read / size))} %` : 'reading';
}

/* The same of the store; null: there is none. */
export function storeWords(health) {
	const s = health.store;

	if (has(health, 'store_unreadable'))
		return { text: 'store: not readable', bad: true };
	if (!s)
		return health.readable === null ? null : { text: 'store: ok', bad: false };
	if (s.lost > 0)
		return { text: `store: ${number(s.lost)} records lost`, bad: true };
	if (s.down)
		return { text: `store: down, ${number(s.waiting)} wait`, bad: true };
	if (s.oldest_ms > BEHIND_MS)
		return { text: `store: ${span(s.oldest_ms)} behind`, bad: true };
	return { text: `store: ${number(s.waiting)} behind`, bad: s.refused > 0 };
}

/* The same of recordings; null: nothing is wrong with them. */
export function spoolWords(health) {
	const spool = health.spool;

	if (!spool)
		return null;
	if (has(health, 'disk_floor'))
		return { text: spool.takes === 'nothing' ? 'disk: full' : 'disk: no media', bad: true };
	if (has(health, 'spool_errors', 'spool_skipped'))
		return { text: 'recordings: incomplete', bad: true };
	return null;
}

/* All of the line. */
export function healthWords(health) {
	return [tapWords(health), storeWords(health), spoolWords(health)].filter(Boolean);
}

/* Rows of the details: [name, value, bad]; a value of null is left out. */
export function healthRows(health) {
	return [...captureRows(health.capture), ...storeRows('Store', health.store),
		...storeRows('Feed', health.feed), ...spoolRows(health.spool),
		['Sensor', health.sensor], ['Version', health.version],
		['Runs for', span(health.uptime_s * 1000)]]
		.filter(([, value]) => value !== null && value !== undefined && value !== '');
}

function captureRows(c) {
	if (!c)
		return [['Capture', 'none in this process']];
	const { kernel, ring, workers, limit } = c.dropped;

	return [
		...c.taps.map((t) => tapRow(t, c.minute_ms)),
		['Input read', c.input && bytes(c.input.read_bytes) +
			(c.input.size_bytes ? ` of ${bytes(c.input.size_bytes)}` : '')],
		['Packets', `${number(c.packets)} (${number(c.packets_minute)} in the last minute)`],
		['Last packet', c.last_packet],
		['Dropped by the kernel', number(kernel), kernel > 0],
		['Dropped by full rings', ring > 0 ? number(ring) : null, true],
		['Dropped by busy workers', workers > 0 ? number(workers) : null, true],
		['Turned away by limits', number(limit), limit > 0],
		['Threads', c.threads.map(threadWords).join(', ')],
		['Open calls and sessions', number(c.open_calls + c.open_sessions)],
	];
}

/* What came in the last minute, on the average. */
function tapRow(t, ms) {
	const rate = t.packets === null || !ms ? 'up' :
		`${number(t.packets_minute * 1e3 / ms)} packets/s, ` +
		`${number(t.bytes_minute * 8e-3 / ms, 1)} Mbit/s` +
		(t.dropped_kernel + t.dropped_ring > 0 ?
			`, ${number(t.dropped_kernel + t.dropped_ring)} dropped` : '');

	return [`Interface ${t.name}`, t.up ? rate : 'down',
		!t.up || t.offload || t.one_direction || t.doubled];
}

/* Its share of one CPU. */
function threadWords(t) {
	return t.busy === null ? t.name : `${t.name} ${number(t.busy * 100)} %`;
}

function storeRows(title, s) {
	if (!s)
		return [];
	return [
		[title, s.down ? `${s.kind}, down` : s.kind, s.down],
		[`${title}: waiting`, number(s.waiting)],
		[`${title}: oldest that waits`, s.waiting > 0 ? span(s.oldest_ms) : null,
			s.oldest_ms > BEHIND_MS],
		[`${title}: stored`, number(s.stored)],
		[`${title}: retries`, s.retries > 0 ? number(s.retries) : null],
		[`${title}: refused`, s.refused > 0 ? number(s.refused) : null, true],
		[`${title}: lost`, s.lost > 0 ? number(s.lost) : null, true],
	];
}

function spoolRows(spool) {
	if (!spool)
		return [];
	return [
		['Recordings take', spool.takes, spool.takes !== 'all'],
		['Recordings: errors', spool.errors > 0 ? number(spool.errors) : null, true],
		['Recordings: pieces skipped', spool.skipped > 0 ? number(spool.skipped) : null, true],
	];
}
