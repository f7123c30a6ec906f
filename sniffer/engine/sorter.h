/*
 * Which packets of a recording are media: RTP over UDP, also in TURN channel
 * data and in TURN's Send and Data messages, and in IP fragments. What comes
 * over TCP, what only describes media (STUN, DTLS, RTCP) and all the rest is
 * not.
 */
#ifndef ENGINE_SORTER_H
#define ENGINE_SORTER_H

#include "sniffer/media/record.h"

extern const struct record_sorter media_sorter;

#endif
