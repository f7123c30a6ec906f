// Columns that several lists have.
import { number, NOTHING } from '../core/format.js';
import { When } from './Cells.jsx';

/* Of a field as it is; whole on hover. */
export function textColumn(key, title, width, more) {
	return { key, title, width, cell: (r) => r[key] ?? NOTHING, hover: (r) => r[key] ?? '', ...more };
}

export const timeColumn = {
	key: 'start', title: 'time', width: '19ch', cell: (r) => <When value={r.start} />,
};

export const rttColumn = {
	key: 'rtt_ms', title: 'RTT', unit: 'ms', width: '9ch', align: 'right',
	cell: (r) => number(r.rtt_ms, 1),
};
