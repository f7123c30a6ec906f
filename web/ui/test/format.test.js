import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as f from '../src/core/format.js';

process.env.TZ = 'Europe/Berlin';

/* [function, arguments, text] */
const rows = [
	['clock', ['2026-11-26T13:01:55.120999Z'], '14:01:55.120'],
	['clock', ['2026-11-26T13:01:55.120999Z', { ms: false }], '14:01:55'],
	['clock', [null], '–'],
	['day', ['2026-11-26T23:30:00Z'], '2026-11-27'],
	['dayAndClock', ['2026-07-01T00:00:00Z', { ms: false }], '2026-07-01 02:00:00'],
	['utc', ['2026-11-26T13:01:55.120999Z'], '2026-11-26 13:01:55.120999 UTC'],
	['zone', [new Date('2026-11-26T13:00:00Z')], 'CET'],
	['duration', [42000], '00:42'],
	['duration', [3730000], '1:02:10'],
	['duration', [null], '–'],
	['span', [79.6], '80 ms'],
	['span', [4200], '4.2 s'],
	['span', [9960], '10 s'],
	['span', [200000], '3 min 20 s'],
	['span', [7500000], '2 h 5 min'],
	['number', [1234567], '1\u202f234\u202f567'],
	['number', [-0.4, 0], '0'],
	['number', [-1234.56, 1], '-1\u202f234.6'],
	['number', [undefined], '–'],
	['percent', [0], '0'],
	['percent', [0.001], '<0.01'],
	['percent', [0.05], '0.05'],
	['percent', [6.24], '6.2'],
	['percent', [100], '100'],
	['mos', [4.34], '4.3'],
	['mos', [null], '–'],
	['mosWithScale', [4.34, 'NB'], '4.3 NB'],
	['mosWithScale', [4.34, null], '4.3'],
	['mosClass', [2.9], 'bad'],
	['mosClass', [3.5], 'poor'],
	['mosClass', [null], ''],
	['bytes', [999], '999 B'],
	['bytes', [4100000], '4.1 MB'],
	['bytes', [999700], '1.0 MB'],
	['hostOf', ['10.0.0.1:5060'], '10.0.0.1'],
	['hostOf', ['[2001:db8::1]:5060'], '2001:db8::1'],
	['hostOf', ['2001:db8::1'], '2001:db8::1'],
	['hostOf', [null], '–'],
	['portOf', ['10.0.0.1:5060'], 5060],
	['portOf', ['[2001:db8::1]:5060'], 5060],
	['portOf', ['2001:db8::1'], null],
	['sides', [4.3, null, f.mos], '4.3│–'],
	['sides', [null, null, f.mos], '–'],
	['count', [1, 'call'], '1 call'],
	['count', [2, 'call'], '2 calls'],
];

for (const [name, args, wanted] of rows) {
	test(`${name}(${JSON.stringify(args).slice(1, -1)})`, () => {
		assert.equal(f[name](...args), wanted);
	});
}
