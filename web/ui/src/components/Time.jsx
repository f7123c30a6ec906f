import { clock, day, dayAndClock, toMs, utc, zone, NOTHING } from '../core/format.js';

/* A time in the browser's zone; UTC when pointed at. `show`: "clock",
 * "day" or "both". */
export function Time({ value, show = 'clock', ms = true }) {
	const ms1970 = toMs(value);

	if (ms1970 === null)
		return NOTHING;
	const text = { clock, day, both: dayAndClock }[show](value, { ms });

	return (
		<time datetime={value} title={`${utc(value)}\n${dayAndClock(value)} ${zone(new Date(ms1970))}`}>
			{text}
		</time>
	);
}
