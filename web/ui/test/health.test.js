import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { healthRows, healthWords } from '../src/health/words.js';

const capture = { live: true, ended: false, interfaces: ['eth0'], input: null, packets: 1000,
	packets_minute: 500, bytes: 1, last_packet: '2026-11-26T13:00:00Z', idle_ms: 0, age_ms: 100,
	bytes_minute: 75000, minute_ms: 60000,
	dropped: { kernel: 0, ring: 0, workers: 0, limit: 0, kernel_minute: 0, ring_minute: 0,
		workers_minute: 0, limit_minute: 0 },
	taps: [{ name: 'eth0', up: true, offload: false, packets: 1000, bytes: 1, packets_minute: 120000,
		bytes_minute: 7500000, dropped_kernel: 0, dropped_ring: 0, one_direction: false,
		doubled: false }],
	threads: [{ name: 'core', busy: 0.414, cpu_ms: 1, queued: null, room: null },
		{ name: 'spool', busy: null, cpu_ms: 1, queued: null, room: null }],
	open_calls: 2, open_sessions: 1 };
const store = { kind: 'sqlite', waiting: 0, oldest_ms: 0, stored: 9, retries: 0, refused: 0,
	lost: 0, down: false };

function health(more = {}) {
	return { version: '1', sensor: 's', uptime_s: 65, capture, store, feed: null, readable: true,
		spool: { errors: 0, skipped: 0, skipped_minute: 0, takes: 'all' }, warnings: [], ...more };
}

function warned(...codes) {
	return codes.map((code) => ({ code, text: `${code}.` }));
}

/* [name, body, text of the line with ! before what is red] */
const rows = [
	['all is well', {}, 'tap: 0 drops, store: 0 behind'],
	['drops', { capture: { ...capture, dropped: { ...capture.dropped, kernel_minute: 7 } } },
		'!tap: 7 drops/min, store: 0 behind'],
	['silent', { capture: { ...capture, idle_ms: 75000 } },
		'!tap: silent for 1 min 15 s, store: 0 behind'],
	['stalled', { capture: { ...capture, age_ms: 20000 }, warnings: warned('capture_stalled') },
		'!tap: stalled for 20 s, store: 0 behind'],
	['one way', { warnings: warned('one_direction') },
		'!tap: one direction only, store: 0 behind'],
	['rings were full', { capture: { ...capture, dropped: { ...capture.dropped, ring_minute: 5,
		workers_minute: 2 } } }, '!tap: 7 drops/min, store: 0 behind'],
	['twice', { warnings: warned('doubled_mirror') }, '!tap: packets twice, store: 0 behind'],
	['GRO', { warnings: warned('offload_on') }, '!tap: offload is on, store: 0 behind'],
	['down', { warnings: warned('one_direction', 'interface_down') },
		'!tap: interface down, store: 0 behind'],
	['no carrier', { warnings: warned('no_carrier') }, '!tap: no carrier, store: 0 behind'],
	['store down', { store: { ...store, down: true, waiting: 12 } },
		'tap: 0 drops, !store: down, 12 wait'],
	['store behind', { store: { ...store, waiting: 3, oldest_ms: 90000 } },
		'tap: 0 drops, !store: 1 min 30 s behind'],
	['a few wait', { store: { ...store, waiting: 3, oldest_ms: 900 } },
		'tap: 0 drops, store: 3 behind'],
	['lost', { store: { ...store, lost: 3 } }, 'tap: 0 drops, !store: 3 records lost'],
	['disk', { spool: { takes: 'nothing' }, warnings: warned('disk_floor') },
		'tap: 0 drops, store: 0 behind, !disk: full'],
	['spool', { warnings: warned('spool_errors') },
		'tap: 0 drops, store: 0 behind, !recordings: incomplete'],
	['serve', { capture: null, store: null, spool: null }, 'no capture, store: ok'],
	['serve without a store', { capture: null, store: null, spool: null, readable: null },
		'no capture'],
	['serve, store away', { capture: null, store: null, spool: null, readable: false,
		warnings: warned('store_unreadable') }, 'no capture, !store: not readable'],
	['a file', { capture: { ...capture, live: false,
		input: { read_bytes: 421, size_bytes: 1000 } } }, 'reading: 42.1 %, store: 0 behind'],
	['a pipe', { capture: { ...capture, live: false,
		input: { read_bytes: 421, size_bytes: 0 } } }, 'reading, store: 0 behind'],
	['a file that was read', { capture: { ...capture, live: false, ended: true } },
		'files read, store: 0 behind'],
];

for (const [name, more, want] of rows) {
	test(`the line: ${name}`, () => {
		const words = healthWords(health(more)).map((w) => (w.bad ? '!' : '') + w.text);

		assert.equal(words.join(', '), want);
	});
}

test('details name what is there, and nothing else', () => {
	const got = Object.fromEntries(healthRows(health()));

	assert.equal(got['Interface eth0'], '2\u202f000 packets/s, 1.0 Mbit/s');
	assert.equal(got.Threads, 'core 41 %, spool');
	assert.equal('Dropped by full rings' in got, false);
	const lost = health({ capture: { ...capture, dropped: { ...capture.dropped, ring: 5 } } });

	assert.equal(Object.fromEntries(healthRows(lost))['Dropped by full rings'], '5');
	assert.equal(got['Open calls and sessions'], '3');
	assert.equal(got['Runs for'], '1 min 5 s');
	assert.equal('Store: lost' in got, false);
	assert.equal('Input read' in got, false);
});
