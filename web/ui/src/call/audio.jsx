// Listening to a call: loaded when asked for, never by opening a page, as
// each listening is in the audit log.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { bytes } from '../core/format.js';
import { audibility, dtmfMarks, soundStart } from './audio_words.js';
import { loadSound } from './load_sound.js';
import { timeLabel } from './axis.js';
import { createPlayer } from './player.js';
import { sideOf } from './nat_words.js';
import { TimeAxis, ZoomButtons } from './TimeAxis.jsx';
import { useTimeline } from './use_timeline.js';
import { Waveform } from './Waveform.jsx';

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2];

export default function Audio({ call, uid, time, session }) {
	const can = audibility(call, session);
	const [asked, setAsked] = useState(false);

	if (!can.can)
		return <p class="no-audio" role="note">{can.why}</p>;
	return (
		<section class="audio">
			{asked ? <Loaded call={call} uid={uid} time={time} key={uid} /> : (
				<p>
					<button type="button" class="primary" onClick={() => setAsked(true)}>
						▶ Listen
					</button>{' '}
					<span class="muted">Both sides, caller left. That somebody listened is
						kept in the audit log.</span>
				</p>
			)}
			{!asked && <Silent sides={can.sides} why={can.why} />}
		</section>
	);
}

/* A side that stays silent, and why. */
function Silent({ sides, why }) {
	if (why)
		return <p class="muted">{why} The server tries the keys that it has.</p>;
	return Object.entries(sides).filter(([, text]) => text).map(([side, text]) => (
		<p key={side} class="muted">
			<span class={`side-${side}`}>{side}</span> is silent: {text}.
		</p>
	));
}

function useSound(uid) {
	const [state, setState] = useState({ sound: null, error: null, read: 0, all: null });

	useEffect(() => {
		const stop = new AbortController();
		let url = null;

		loadSound(uid, {
			signal: stop.signal,
			onOutline: (sound) => setState((s) => ({ ...s, sound })),
			onBytes: (read, all) => setState((s) => ({ ...s, read, all })),
		}).then((sound) => {
			url = sound.url;
			setState((s) => ({ ...s, sound }));
		}, (error) => error.name === 'AbortError' ||
			setState((s) => ({ ...s, error })));
		return () => {
			stop.abort();
			if (url)
				URL.revokeObjectURL(url);
		};
	}, [uid]);
	return state;
}

function Loaded({ call, uid, time }) {
	const { sound, error, read, all } = useSound(uid);

	if (error)
		return <p class="no-audio" role="alert">{error.message}</p>;
	if (!sound)
		return <p role="status" class="muted">Looking for sound …</p>;
	return (
		<>
			<Player call={call} uid={uid} time={time} sound={sound}
				loading={sound.url ? null : `Loading ${bytes(read)}` +
					(all ? ` of ${bytes(all)}` : '')} />
			<Silent sides={sound.silent} why={null} />
		</>
	);
}

/* Runs of lost packets of the streams that are heard, by side. */
function useLosses(call, uid, time) {
	const { data } = useTimeline(uid, time.startMs);

	return useMemo(() => Object.fromEntries(['a', 'b'].map((side) => [side,
		data?.streams.filter((s) => sideOf(s.sender) === side &&
			s.stream_uid === call[side]?.stream_uid)
			.flatMap((s) => s.losses) ?? []])), [data, call]);
}

function Player({ call, uid, time, sound: plain, loading }) {
	const sound = useMemo(() => ({
		...plain, at: soundStart(call, time.startMs, plain.start),
	}), [plain, call, time]);
	const digits = useMemo(() => dtmfMarks(call, time.startMs), [call, time]);
	const losses = useLosses(call, uid, time);
	const [head, setHead] = useState(0);
	const [playing, setPlaying] = useState(false);
	const [muted, setMuted] = useState([false, false]);
	const [speed, setSpeed] = useState(1);
	const player = useRef(null);

	useEffect(() => {
		if (!sound.url)
			return undefined;
		player.current = createPlayer(sound.url, {
			onTime(seconds) {
				setHead(seconds);
				time.setCursor(sound.at + seconds * 1000);
			},
			onState: setPlaying,
		});
		player.current.play().catch(() => setPlaying(false));
		return () => player.current.close();
	}, [sound.url]);

	function mute(channel) {
		const next = muted.map((m, i) => i === channel ? !m : m);

		player.current.mute(channel, next[channel]);
		setMuted(next);
	}
	function seek(seconds) {
		player.current?.seek(Math.min(sound.seconds, seconds));
	}

	return (
		<div class="charts player">
			<fieldset class="controls" disabled={loading !== null}>
				<legend class="hidden-text">Player</legend>
				<button type="button" class="primary" aria-label={playing ? 'Pause' : 'Play'}
					onClick={() => playing ? player.current.pause() : player.current.play()}>
					{playing ? '❚❚' : '▶'}
				</button>
				<button type="button" aria-label="−5 s: back 5 seconds"
					onClick={() => seek(head - 5)}>−5 s</button>
				<button type="button" aria-label="+5 s: on 5 seconds"
					onClick={() => seek(head + 5)}>+5 s</button>
				<span class="position">{timeLabel(head * 1000, 1000)} /{' '}
					{timeLabel(sound.seconds * 1000, 1000)}</span>
				{['caller', 'callee'].map((name, channel) => (
					<label key={name} class={`side-${'ab'[channel]}`}>
						<input type="checkbox" checked={!muted[channel]}
							onChange={() => mute(channel)} /> {'ab'[channel]}{' '}
						<span class="muted">{channel ? 'right' : 'left'}</span>
					</label>
				))}
				<label>speed{' '}
					<select value={speed} onChange={(event) => {
						const rate = Number(event.target.value);

						player.current.speed(rate);
						setSpeed(rate);
					}}>
						{speeds.map((s) => <option key={s} value={s}>{s}×</option>)}
					</select>
				</label>
				{loading && <span role="status" class="muted">{loading}</span>}
			</fieldset>
			<ZoomButtons time={time} />
			<TimeAxis time={time} />
			<Waveform sound={sound} muted={muted} digits={digits} losses={losses}
				head={head} time={time} onSeek={seek} />
		</div>
	);
}
