// Reads a WAV as it comes and keeps of each part of time the least and the
// greatest sample of both channels: memory does not grow with the call. Pure.
//
// Only what the server writes is read: PCM, 16 bits, one or two channels.

const HEADER_MAX = 4096;

function text(view, at) {
	return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1),
		view.getUint8(at + 2), view.getUint8(at + 3));
}

/* { rate, channels, offset, bytes } of the beginning of a file; null: more is
 * needed. Throws when it is no such WAV. */
export function wavHeader(view) {
	let format = null;

	if (view.byteLength < 12)
		return null;
	if (text(view, 0) !== 'RIFF' || text(view, 8) !== 'WAVE')
		throw new Error('this is no WAV file');
	for (let at = 12; at + 8 <= view.byteLength;) {
		const id = text(view, at), size = view.getUint32(at + 4, true);

		if (id === 'data') {
			if (!format)
				throw new Error('a WAV without format');
			return { ...format, offset: at + 8, bytes: size };
		}
		if (id === 'fmt ' && at + 24 <= view.byteLength)
			format = formatOf(view, at + 8);
		at += 8 + size + (size & 1);
	}
	if (view.byteLength >= HEADER_MAX)
		throw new Error('a WAV without samples');
	return null;
}

function formatOf(view, at) {
	const channels = view.getUint16(at + 2, true);

	if (view.getUint16(at, true) !== 1 || view.getUint16(at + 14, true) !== 16 ||
	    channels < 1 || channels > 2)
		throw new Error('no PCM of 16 bits');
	return { channels, rate: view.getUint32(at + 4, true) };
}

/* Feeds on chunks; `parts` a second. */
export function peakReader(parts = 50) {
	let head = new Uint8Array(0), info = null, rest = null;
	let frame = 0, perPart = 1, left = 0;
	const peaks = [];

	function sample(channel, v) {
		const part = Math.floor(frame / perPart);
		const pair = (peaks[channel][part] ??= [0, 0]);

		if (v < pair[0])
			pair[0] = v;
		if (v > pair[1])
			pair[1] = v;
	}

	function samples(bytes) {
		const size = 2 * info.channels;
		let at = 0;

		if (rest?.length) {
			bytes = join(rest, bytes);
			rest = null;
		}
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

		for (; at + size <= bytes.byteLength && left >= size; at += size) {
			for (let c = 0; c < info.channels; c++)
				sample(c, view.getInt16(at + 2 * c, true) / 32768);
			frame++;
			left -= size;
		}
		rest = bytes.slice(at);
	}

	return {
		push(bytes) {
			if (info)
				return samples(bytes);
			head = join(head, bytes);
			info = wavHeader(new DataView(head.buffer, head.byteOffset,
				head.byteLength));
			if (!info)
				return undefined;
			perPart = Math.max(1, Math.round(info.rate / parts));
			left = info.bytes;
			for (let c = 0; c < info.channels; c++)
				peaks.push([]);
			return samples(head.subarray(info.offset));
		},
		/* { rate, channels, seconds, part_s, peaks: [[[least, most]...]...] } */
		result() {
			if (!info)
				throw new Error('the sound ended before it began');
			return {
				rate: info.rate, channels: info.channels,
				seconds: frame / info.rate, part_s: perPart / info.rate, peaks,
			};
		},
	};
}

function join(x, y) {
	const out = new Uint8Array(x.length + y.length);

	out.set(x);
	out.set(y, x.length);
	return out;
}

/* Least and greatest of a channel for each pixel between two moments of the
 * file, seconds; null where the file is over. */
export function columns(channel, part_s, from_s, to_s, pixels) {
	const out = [];
	const perPixel = (to_s - from_s) / pixels;

	for (let x = 0; x < pixels; x++) {
		const first = Math.floor((from_s + x * perPixel) / part_s);
		const last = Math.max(first,
			Math.ceil((from_s + (x + 1) * perPixel) / part_s) - 1);
		let least = 0, most = 0, any = false;

		for (let i = Math.max(0, first); i <= last && i < channel.length; i++) {
			const pair = channel[i];

			any = true;
			if (pair && pair[0] < least)
				least = pair[0];
			if (pair && pair[1] > most)
				most = pair[1];
		}
		out.push(any ? [least, most] : null);
	}
	return out;
}
