/* What the scanner remembers between pings: names and their columns, populations and their rows. */
#ifndef TELEMETRY_TABLES_H
#define TELEMETRY_TABLES_H

#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* A growing array of one type; `count` items are used. */
#define VECTOR(type) struct { type *items; size_t count, room; }

static void *grown(void *items, size_t *room, size_t needed, size_t size) {
    size_t more = *room ? *room * 2 : 64;
    if (more < needed) more = needed;
    void *moved = more <= PY_SSIZE_T_MAX / size ? PyMem_Realloc(items, more * size) : NULL;
    if (moved) *room = more;
    return moved;
}

/* Makes room for `extra` further items; false without memory. */
#define RESERVE(vector, extra)                                                                                         \
    ({                                                                                                                 \
        size_t needed_ = (vector).count + (size_t)(extra);                                                             \
        void *moved_ = (vector).items;                                                                                 \
        if (needed_ > (vector).room) {                                                                                 \
            moved_ = grown((vector).items, &(vector).room, needed_, sizeof *(vector).items);                           \
            if (moved_) (vector).items = moved_;                                                                       \
        }                                                                                                              \
        moved_ != NULL;                                                                                                \
    })

#define FREE(vector) (PyMem_Free((vector).items), (vector).items = NULL, (vector).count = (vector).room = 0)

/* Byte strings with an owner, numbered in the order of arrival. */
typedef struct {
    size_t text;
    uint32_t length, owner, hash;
} entry;

typedef struct {
    VECTOR(entry) entries;
    VECTOR(uint8_t) texts;
    uint32_t *slots; /* NONE, or an index into entries; a power of two of them, less than half used */
    size_t room;
    uint64_t key; /* of the hashes, odd and secret, so that nobody can make names with equal hashes */
} strings;

static inline uint64_t mixed(uint64_t hash, uint64_t key) {
    unsigned __int128 product = (unsigned __int128)hash * key;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_of(const uint8_t *text, size_t length, uint32_t owner, uint64_t key) {
    uint64_t hash = key ^ owner, word;
    for (; length >= 8; text += 8, length -= 8) {
        memcpy(&word, text, 8);
        hash = mixed(hash ^ word, key);
    }
    word = 0;
    memcpy(&word, text, length);
    return (uint32_t)(mixed(mixed(hash ^ word, key), key) >> 32);
}

static int is_entry(const strings *s, uint32_t index, const uint8_t *text, size_t length, uint32_t owner) {
    const entry *e = &s->entries.items[index];
    return e->length == length && e->owner == owner && !memcmp(s->texts.items + e->text, text, length);
}

static int rehash(strings *s) {
    size_t room = s->room ? s->room * 2 : 1024;
    uint32_t *slots = PyMem_Malloc(room * sizeof *slots);
    if (!slots) return 0;
    memset(slots, 0xFF, room * sizeof *slots);
    for (size_t i = 0; i < s->entries.count; i++) {
        size_t at = s->entries.items[i].hash & (room - 1);
        while (slots[at] != NONE) at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)i;
    }
    PyMem_Free(s->slots);
    s->slots = slots;
    s->room = room;
    return 1;
}

/* The number of a string, a new one if it is not there; NONE without memory. */
static uint32_t number_of(strings *s, const uint8_t *text, size_t length, uint32_t owner) {
    if (s->entries.count * 2 >= s->room && !rehash(s)) return NONE;
    uint32_t hash = hash_of(text, length, owner, s->key);
    size_t at = hash & (s->room - 1);
    for (; s->slots[at] != NONE; at = (at + 1) & (s->room - 1))
        if (s->entries.items[s->slots[at]].hash == hash && is_entry(s, s->slots[at], text, length, owner))
            return s->slots[at];
    if (!RESERVE(s->entries, 1) || !RESERVE(s->texts, length + 1)) return NONE;
    memcpy(s->texts.items + s->texts.count, text, length);
    s->entries.items[s->entries.count] = (entry){s->texts.count, (uint32_t)length, owner, hash};
    s->texts.count += length;
    s->slots[at] = (uint32_t)s->entries.count;
    return (uint32_t)s->entries.count++;
}

static void forget_strings(strings *s) {
    s->entries.count = s->texts.count = 0;
    if (s->slots) memset(s->slots, 0xFF, s->room * sizeof *s->slots);
}

static void free_strings(strings *s) {
    FREE(s->entries);
    FREE(s->texts);
    PyMem_Free(s->slots);
    s->slots = NULL;
    s->room = 0;
}

#endif
