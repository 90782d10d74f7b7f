/* The fast scanner: lines of pings to numbers in the accumulator's arrays.
 *
 * What makes it fast: runs of zeros are skipped several at a time; only other numbers are kept, as (column, value)
 * pairs; a name is first compared with the one that followed its predecessor in the ping before. A line is a whole,
 * valid ping before any of its numbers is added. Unusual lines are passed to the owner's `line`,
 * which has all the rules; nothing here counts a line as bad.
 *
 * The owner (scan/native.py) answers these calls for everything not known yet; the answers are kept until `forget`:
 *   run(name, length, unknown), simple_run(name, sub) -> (first column, first slot) or None
 *   row(info) -> index of the row, or -1 for a bad line, which it has counted
 *   arrays(index) -> (int64 array by column, int64 array by slot)
 *   line(line) takes the unusual line
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "words are read as little-endian"
#endif

#include "numbers.h"
#include "tables.h"
#include "text.h"

#define SUMS 5 /* the last elements of an array: core/histograms.py */
#define SQUARES_HIGH (1LL << 32) /* the value of one in sum_squares_hi */
#define MOST_BOUNDS 64
#define MOST_FIELDS 32
#define MOST_REMEMBERED (1 << 18)
#define MOST_TEXT (32 << 20)
#define LONGEST_POPULATION (8 << 10)
#define ODD 0x80000000U

enum { BROKEN = -1, UNUSUAL = 0, GOOD = 1, BAD = 2 };
enum { HISTOGRAMS = 0, SIMPLES = 1, OWNERS = 2 }; /* the first two names: heads of the chains of names */

typedef struct {
    uint32_t column; /* marked with ODD while its array is read, if the number is not an integer */
    int64_t whole;
} pair;

typedef struct {
    uint32_t slot;
    int64_t fraction;
} part;

typedef struct {
    uint32_t seen;    /* the line that had it last */
    uint32_t next;    /* the name that came after it last time */
    uint32_t child;   /* the first name inside it last time */
    uint32_t runs;    /* its first run; NONE */
} name;

typedef struct {
    uint32_t length, unknown, first, slot, next;
} run;

typedef struct {
    Py_buffer whole, fraction;
    int held;
} arrays;

typedef struct {
    PyObject_HEAD
    PyObject *info, *histograms, *measurements, *fields, *log;
    double bounds[MOST_BOUNDS]; /* of the buckets of simple measurements, ascending */
    uint32_t buckets;
    Py_ssize_t line_bytes, array_length, most_histograms, most_simples;
    int busy;
    strings texts;
    VECTOR(name) names;
    VECTOR(run) runs;
    VECTOR(uint32_t) summed; /* by first slot: the line that had this simple measurement last */
    strings populations;
    VECTOR(Py_ssize_t) rows; /* of populations */
    VECTOR(arrays) held;     /* by row */
    VECTOR(uint32_t) holding;
    VECTOR(uint8_t) population, copy;
    uint32_t width, slots, line;
    /* the ping being read */
    PyObject *owner;
    VECTOR(pair) pairs;
    VECTOR(part) parts;
    cursor info_begin, info_end, field_begin[MOST_FIELDS], field_end[MOST_FIELDS];
    uint64_t no_numbers, seen_no_numbers;
    Py_ssize_t simples;
    int failed; /* a Python error is set */
} scanner;

/* A Python error while a line is read; as a cursor, for functions that return cursors. */
static cursor failure(scanner *s) {
    if (!PyErr_Occurred()) PyErr_NoMemory();
    s->failed = 1;
    return NULL;
}

static int is_text(PyObject *bytes, cursor text, size_t length) {
    char *wanted;
    Py_ssize_t size;
    PyBytes_AsStringAndSize(bytes, &wanted, &size);
    return (size_t)size == length && !memcmp(wanted, text, length);
}

/* ---- names and runs ---- */

static int add_owner(scanner *s, uint32_t which) {
    if (!RESERVE(s->names, 1) || number_of(&s->texts, (const uint8_t *)"", 0, NONE - which) != which) return 0;
    s->names.items[s->names.count++] = (name){0, NONE, NONE, NONE};
    return 1;
}

static int forget_names(scanner *s) {
    forget_strings(&s->texts);
    s->names.count = s->runs.count = s->summed.count = 0;
    s->width = 1; /* the pings of a row; they have no slot */
    s->slots = 0;
    s->line = 0;
    return add_owner(s, HISTOGRAMS) && add_owner(s, SIMPLES);
}

/* The number of a name inside `owner`, guessed from the previous ping. Corrects the guess. */
static uint32_t name_of(scanner *s, uint32_t owner, uint32_t before, cursor text, size_t length) {
    name *names = s->names.items;
    uint32_t guess = before == NONE ? names[owner].child : names[before].next;
    if (guess != NONE && is_entry(&s->texts, guess, text, length, owner)) return guess;
    if (!RESERVE(s->names, 1)) return NONE; /* first, so that texts and names stay in step */
    names = s->names.items;
    uint32_t found = number_of(&s->texts, text, length, owner);
    if (found == NONE) return NONE;
    if (found == s->names.count) names[s->names.count++] = (name){0, NONE, NONE, NONE};
    *(before == NONE ? &names[owner].child : &names[before].next) = found;
    return found;
}

/* Notes that this line has the name; false if it had it already. */
static int first_time(scanner *s, uint32_t of) {
    if (s->names.items[of].seen == s->line) return 0;
    s->names.items[of].seen = s->line;
    return 1;
}

static const run *new_run(scanner *s, uint32_t of, uint32_t length, uint32_t unknown, PyObject *answer) {
    Py_ssize_t first, slot;
    if (!answer || answer == Py_None) {
        if (!answer) failure(s);
        Py_XDECREF(answer);
        return NULL;
    }
    int taken = PyArg_ParseTuple(answer, "nn", &first, &slot);
    Py_DECREF(answer);
    if (!taken || !RESERVE(s->runs, 1)) {
        failure(s);
        return NULL;
    }
    if (first < 0 || slot < 0 || first + (Py_ssize_t)length + 1 >= ODD || slot + SUMS >= ODD) return NULL;
    run *made = &s->runs.items[s->runs.count];
    *made = (run){length, unknown, (uint32_t)first, (uint32_t)slot, s->names.items[of].runs};
    s->names.items[of].runs = (uint32_t)s->runs.count++;
    if (s->width < first + length + 1) s->width = (uint32_t)(first + length + 1);
    if (s->slots < slot + SUMS) s->slots = (uint32_t)(slot + SUMS);
    return made;
}

static const run *known_run(const scanner *s, uint32_t of, uint32_t length, uint32_t unknown) {
    for (uint32_t at = s->names.items[of].runs; at != NONE; at = s->runs.items[at].next) {
        const run *l = &s->runs.items[at];
        if (l->length == length && l->unknown == unknown) return l;
    }
    return NULL;
}

static const char *text_of(const scanner *s, uint32_t of, Py_ssize_t *length) {
    const entry *e = &s->texts.entries.items[of];
    *length = e->length;
    return (const char *)s->texts.texts.items + e->text;
}

static const run *histogram_run(scanner *s, uint32_t of, uint32_t length, uint32_t unknown) {
    const run *known = known_run(s, of, length, unknown);
    if (known) return known;
    Py_ssize_t size;
    const char *text = text_of(s, of, &size);
    PyObject *answer = PyObject_CallMethod(s->owner, "run", "s#II", text, size, length, unknown);
    return new_run(s, of, length, unknown, answer);
}

static const run *simple_run(scanner *s, uint32_t of, uint32_t sub) {
    uint32_t which = sub == NONE ? of : sub;
    if (s->names.items[which].runs != NONE) return &s->runs.items[s->names.items[which].runs];
    Py_ssize_t size, sub_size = 0;
    const char *text = text_of(s, of, &size), *sub_text = sub == NONE ? NULL : text_of(s, sub, &sub_size);
    PyObject *answer = PyObject_CallMethod(s->owner, "simple_run", "s#z#", text, size, sub_text, sub_size);
    return new_run(s, which, s->buckets + SUMS, 0, answer);
}

/* ---- numbers ---- */

static inline int push(scanner *s, uint32_t column, int64_t whole) {
    if (s->pairs.count == s->pairs.room && !RESERVE(s->pairs, 1)) return failure(s) != NULL;
    s->pairs.items[s->pairs.count++] = (pair){column, whole};
    return 1;
}

static int push_part(scanner *s, uint32_t slot, int64_t fraction) {
    if (s->parts.count == s->parts.room && !RESERVE(s->parts, 1)) return failure(s) != NULL;
    s->parts.items[s->parts.count++] = (part){slot, fraction};
    return 1;
}

/* A number at a position of the array that is being read. */
static int push_number(scanner *s, uint32_t at, const number *n) {
    if (!n->real) {
        if (n->integer >= DENSE_LIMIT || n->integer <= -DENSE_LIMIT) return 0;
        return !n->integer || push(s, at, n->integer);
    }
    int64_t whole, fraction;
    if (n->value == 0) return 1;
    if (!split_real(n->value, &whole, &fraction)) return 0;
    if ((double)whole == n->value) return push(s, at, whole);
    return push(s, at | ODD, whole) && (!fraction || push_part(s, at, fraction));
}

/* From after the opening bracket to after the closing one. Numbers go to pairs and parts, their count to `length`. */
static cursor read_array(scanner *s, cursor p, uint32_t *length) {
    uint32_t at = 0;
    number n;
    for (;;) {
        p = blanks(p);
        if (*p == '0') p = blanks(zeros(p, &at));
        if ((Py_ssize_t)at >= s->array_length) return NULL;
        uint64_t word = load8(p);
        int digits = leading_digits(word);
        if (digits && digits < 8 && *p != '0' && p[digits] == ',') { /* the most usual number that is not zero */
            if (!push(s, at, (int64_t)value_of(word, digits))) return NULL;
            p += digits;
        } else if (!(p = read_number(p, &n)) || !push_number(s, at, &n)) {
            return NULL;
        }
        at++;
        if (*p != ',') {
            p = blanks(p);
            if (*p == ']') break;
            if (*p != ',') return NULL;
        }
        p++;
    }
    *length = at;
    return p + 1;
}

/* The first of the pairs that is a sum. */
static size_t first_of_sums(const scanner *s, size_t begin, uint32_t length) {
    size_t from = s->pairs.count;
    while (from > begin && (s->pairs.items[from - 1].column & ~ODD) >= length - SUMS) from--;
    return from;
}

/* Whether all buckets are integers and none is negative. */
static int sound_buckets(const scanner *s, size_t begin, size_t end) {
    int64_t signs = 0;
    uint32_t odd = 0;
    for (size_t i = begin; i < end; i++) {
        signs |= s->pairs.items[i].whole;
        odd |= s->pairs.items[i].column;
    }
    return signs >= 0 && !(odd & ODD);
}

static int has_fraction(const scanner *s, size_t begin, uint32_t at) {
    for (size_t i = s->parts.count; i > begin; i--)
        if (s->parts.items[i - 1].slot == at) return 1;
    return 0;
}

/* Makes a signed sum_squares_lo unsigned, see signed_squares in core/ping.py. False if its sign is not known. */
static int unsign_squares(scanner *s, size_t from, size_t parts, uint32_t length) {
    for (size_t i = from; i < s->pairs.count; i++) {
        pair *p = &s->pairs.items[i];
        if ((p->column & ~ODD) != length - 2) continue;
        if (p->column & ODD && !p->whole && !has_fraction(s, parts, length - 2)) return 0; /* tiny */
        int last = i + 1 == s->pairs.count;
        int not_known = p->whole == -1 && !(p->column & ODD) && !last && p[1].whole == -1 && !(p[1].column & ODD);
        if (p->whole < 0 && !not_known) p->whole += SQUARES_HIGH;
    }
    return 1;
}

/* Removes sums of -1 (not known) from the pairs. Returns their mask. */
static uint32_t take_unknown(scanner *s, size_t from, uint32_t length) {
    uint32_t unknown = 0, sums = length - SUMS;
    size_t kept = from;
    for (size_t i = from; i < s->pairs.count; i++) {
        pair p = s->pairs.items[i];
        if (p.whole == -1 && !(p.column & ODD)) unknown |= 1U << (p.column - sums);
        else s->pairs.items[kept++] = p;
    }
    s->pairs.count = kept;
    return unknown;
}

static cursor read_histogram(scanner *s, uint32_t of, cursor p) {
    size_t begin = s->pairs.count, begin_parts = s->parts.count;
    uint32_t length;
    if (*p != '[' || !(p = read_array(s, p + 1, &length)) || length <= SUMS) return NULL;
    size_t from = first_of_sums(s, begin, length);
    /* the slow path knows why */
    if (!sound_buckets(s, begin, from) || !unsign_squares(s, from, begin_parts, length)) return NULL;
    const run *l = histogram_run(s, of, length, take_unknown(s, from, length));
    if (!l) return NULL;
    for (size_t i = begin; i < s->pairs.count; i++) {
        pair *each = &s->pairs.items[i];
        each->column = (each->column & ~ODD) + l->first;
    }
    for (size_t i = begin_parts; i < s->parts.count; i++) {
        s->parts.items[i].slot = s->parts.items[i].slot - (length - SUMS) + l->slot;
    }
    return push(s, l->first + length, 1) ? p : NULL;
}

static int push_real(scanner *s, uint32_t column, uint32_t slot, double value) {
    int64_t whole, fraction;
    if (!split_real(value, &whole, &fraction)) return 0;
    return (!whole || push(s, column, whole)) && (!fraction || push_part(s, slot, fraction));
}

/* ln(|value| + 1) by Python, so that it is the same to the last bit. */
static int logarithm(scanner *s, double value, double *out) {
    PyObject *argument = PyFloat_FromDouble(fabs(value) + 1);
    PyObject *answer = argument ? PyObject_CallFunctionObjArgs(s->log, argument, NULL) : NULL;
    Py_XDECREF(argument);
    if (!answer) return failure(s) != NULL;
    *out = PyFloat_AsDouble(answer);
    Py_DECREF(answer);
    return 1;
}

static int push_simple(scanner *s, const run *l, double value) {
    double log;
    uint32_t sums = l->first + s->buckets;
    if (!(value > -(double)DENSE_LIMIT && value < (double)DENSE_LIMIT)) return 0;
    if (value >= 0) {
        const double *bounds = s->bounds;
        uint32_t low = 0, high = s->buckets;
        while (high - low > 1) {
            uint32_t middle = (low + high) / 2;
            if (bounds[middle] <= value) low = middle;
            else high = middle;
        }
        if (!push(s, l->first + low, 1)) return 0;
    }
    return logarithm(s, value, &log) && push_real(s, sums, l->slot, value) &&
           push_real(s, sums + 1, l->slot + 1, log) && push_real(s, sums + 2, l->slot + 2, log * log) &&
           push(s, sums + SUMS, 1);
}

/* ---- the parts of a ping ---- */

#define MEMBERS_BEGIN(p)                                                                                               \
    if (*p != '{') return NULL;                                                                                        \
    p = blanks(p + 1);                                                                                                 \
    if (*p == '}') return p + 1;                                                                                       \
    for (;;) {                                                                                                         \
        cursor text;                                                                                                   \
        size_t length;                                                                                                 \
        if (!(p = member_name(p, &text, &length))) return NULL;

#define MEMBERS_END(p)                                                                                                 \
        if (!p) return NULL;                                                                                           \
        p = blanks(p);                                                                                                 \
        if (*p == '}') return p + 1;                                                                                   \
        if (*p != ',') return NULL;                                                                                    \
        p = blanks(p + 1);                                                                                             \
    }

static cursor read_histograms(scanner *s, cursor p) {
    uint32_t before = NONE;
    Py_ssize_t count = 0;
    MEMBERS_BEGIN(p)
        uint32_t of = name_of(s, HISTOGRAMS, before, text, length);
        if (of == NONE) return failure(s);
        if (!first_time(s, of) || ++count > s->most_histograms) return NULL;
        before = of;
        p = read_histogram(s, of, p);
    MEMBERS_END(p)
}

/* Notes that this line has the simple measurement; false if another of its names, in upper case, was the same. */
static int first_sum(scanner *s, const run *l) {
    size_t at = l->slot;
    while (s->summed.count <= at) {
        if (!RESERVE(s->summed, 1)) return failure(s) != NULL;
        s->summed.items[s->summed.count++] = 0;
    }
    if (s->summed.items[at] == s->line) return 0;
    s->summed.items[at] = s->line;
    return 1;
}

/* One value of a simple measurement; one that is not a number is counted. */
static cursor read_simple(scanner *s, uint32_t of, uint32_t sub, cursor p) {
    number n;
    if (++s->simples > s->most_simples) return NULL;
    const run *l = simple_run(s, of, sub);
    if (!l) return NULL;
    if (*p == '-' || is_digit(*p))
        return first_sum(s, l) && (p = read_number(p, &n)) && push_simple(s, l, n.value) ? p : NULL;
    s->seen_no_numbers++;
    return skip_value(p, 3);
}

static cursor read_sub_measurements(scanner *s, uint32_t of, cursor p) {
    uint32_t before = NONE;
    MEMBERS_BEGIN(p)
        uint32_t sub = name_of(s, of, before, text, length);
        if (sub == NONE) return failure(s);
        if (!first_time(s, sub)) return NULL;
        before = sub;
        p = read_simple(s, of, sub, p);
    MEMBERS_END(p)
}

static cursor read_measurements(scanner *s, cursor p) {
    uint32_t before = NONE;
    MEMBERS_BEGIN(p)
        uint32_t of = name_of(s, SIMPLES, before, text, length);
        if (of == NONE) return failure(s);
        if (!first_time(s, of)) return NULL;
        before = of;
        p = *p == '{' ? read_sub_measurements(s, of, p) : read_simple(s, of, NONE, p);
    MEMBERS_END(p)
}

static cursor read_info_members(scanner *s, cursor p) {
    Py_ssize_t fields = PyTuple_Size(s->fields);
    MEMBERS_BEGIN(p)
        Py_ssize_t field = 0;
        while (field < fields && !is_text(PyTuple_GetItem(s->fields, field), text, length)) field++;
        cursor value = p;
        p = skip_value(p, 2);
        if (field < fields) {
            if (s->field_begin[field]) return NULL;
            s->field_begin[field] = value;
            s->field_end[field] = p;
        }
    MEMBERS_END(p)
}

static cursor read_info(scanner *s, cursor p) {
    memset(s->field_begin, 0, sizeof s->field_begin);
    s->info_begin = p;
    return s->info_end = read_info_members(s, p);
}

static cursor read_ping(scanner *s, cursor p) {
    int seen = 0;
    MEMBERS_BEGIN(p)
        int which = is_text(s->info, text, length)           ? 1
                    : is_text(s->histograms, text, length)   ? 2
                    : is_text(s->measurements, text, length) ? 4
                                                             : 0;
        if (seen & which) return NULL;
        seen |= which;
        p = which == 1   ? read_info(s, p)
            : which == 2 ? read_histograms(s, p)
            : which == 4 ? read_measurements(s, p)
                         : skip_value(p, 1);
    MEMBERS_END(p)
}

/* ---- rows ---- */

static void release_arrays(scanner *s) {
    for (size_t i = 0; i < s->holding.count; i++) {
        arrays *a = &s->held.items[s->holding.items[i]];
        PyBuffer_Release(&a->whole);
        PyBuffer_Release(&a->fraction);
        a->held = 0;
    }
    s->holding.count = 0;
}

static int is_int64(const Py_buffer *buffer) {
    return buffer->itemsize == 8 && buffer->format && strchr("lq", buffer->format[0]) && !buffer->format[1];
}

static int fits(const arrays *a, const scanner *s) {
    return a->held && a->whole.len / 8 >= s->width && a->fraction.len / 8 >= s->slots;
}

/* The arrays of a row, long enough; NULL with an error set. */
static arrays *arrays_of(scanner *s, uint32_t row) {
    if (row < s->held.count && fits(&s->held.items[row], s)) return &s->held.items[row];
    while (s->held.count <= row) {
        if (!RESERVE(s->held, 1)) return failure(s), NULL;
        memset(&s->held.items[s->held.count++], 0, sizeof(arrays));
    }
    if (!RESERVE(s->holding, 1)) return failure(s), NULL;
    arrays *a = &s->held.items[row];
    if (a->held) release_arrays(s); /* its arrays are too short now; those of other rows will soon be */
    PyObject *answer = PyObject_CallMethod(s->owner, "arrays", "I", row), *whole, *fraction;
    const int flags = PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_ND;
    int whole_held = answer && PyArg_ParseTuple(answer, "OO", &whole, &fraction) &&
                     !PyObject_GetBuffer(whole, &a->whole, flags);
    a->held = whole_held && !PyObject_GetBuffer(fraction, &a->fraction, flags);
    if (whole_held && !a->held) PyBuffer_Release(&a->whole);
    Py_XDECREF(answer);
    if (a->held) s->holding.items[s->holding.count++] = row;
    else return failure(s), NULL;
    if (!fits(a, s) || !is_int64(&a->whole) || !is_int64(&a->fraction)) {
        PyErr_SetString(PyExc_ValueError, "the arrays of a row are too short, or not of int64");
        return failure(s), NULL;
    }
    return a;
}

/* The needed fields of info, as written: equal ones have one row. False if they are too long. */
static int population_key(scanner *s) {
    s->population.count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(s->fields); i++) {
        size_t length = s->field_begin[i] ? (size_t)(s->field_end[i] - s->field_begin[i]) : 0;
        uint32_t told = s->field_begin[i] ? (uint32_t)length : NONE;
        if (s->population.count + length > LONGEST_POPULATION || !RESERVE(s->population, length + 4)) return 0;
        uint8_t *to = s->population.items + s->population.count;
        memcpy(to, &told, 4);
        if (length) memcpy(to + 4, s->field_begin[i], length);
        s->population.count += length + 4;
    }
    return 1;
}

static void forget_populations(scanner *s) {
    forget_strings(&s->populations);
    s->rows.count = 0;
}

/* The row of the ping; -1 if the line is bad, -2 with an error set. */
static Py_ssize_t row_of(scanner *s) {
    uint32_t number = NONE;
    if (population_key(s)) {
        if (s->populations.texts.count > MOST_TEXT) forget_populations(s);
        if (!RESERVE(s->rows, 1)) return failure(s), -2;
        number = number_of(&s->populations, s->population.items, s->population.count, 0);
        if (number == NONE) return failure(s), -2;
        if (number == s->rows.count) s->rows.items[s->rows.count++] = -1;
        else if (s->rows.items[number] >= 0) return s->rows.items[number];
    }
    PyObject *answer = PyObject_CallMethod(s->owner, "row", "y#", (const char *)s->info_begin,
                                           (Py_ssize_t)(s->info_end - s->info_begin));
    Py_ssize_t row = answer ? PyLong_AsSsize_t(answer) : -1;
    Py_XDECREF(answer);
    if (PyErr_Occurred()) return failure(s), -2;
    if (row >= INT32_MAX) return PyErr_SetString(PyExc_ValueError, "too many rows"), failure(s), -2;
    if (number != NONE) s->rows.items[number] = row;
    return row;
}

/* ---- lines and blocks ---- */

static int add_up(scanner *s, Py_ssize_t row) {
    arrays *a = arrays_of(s, (uint32_t)row);
    if (!a) return BROKEN;
    uint64_t *whole = a->whole.buf, *fraction = a->fraction.buf;
    for (size_t i = 0; i < s->pairs.count; i++) whole[s->pairs.items[i].column] += (uint64_t)s->pairs.items[i].whole;
    for (size_t i = 0; i < s->parts.count; i++)
        fraction[s->parts.items[i].slot] += (uint64_t)s->parts.items[i].fraction;
    whole[0]++; /* the pings of the row */
    return GOOD;
}

static int scan_line(scanner *s, cursor line, cursor end) {
    if (end - line > s->line_bytes) return UNUSUAL;
    cursor p = memchr(line, '\t', (size_t)(end - line));
    if (!p) return UNUSUAL;
    if (++s->line == 0 || s->names.count > MOST_REMEMBERED || s->texts.texts.count > MOST_TEXT) {
        if (!forget_names(s)) return failure(s), BROKEN;
        s->line = 1;
    }
    s->pairs.count = s->parts.count = 0;
    s->info_begin = s->info_end = NULL;
    s->seen_no_numbers = 0;
    s->simples = 0;
    p = read_ping(s, blanks(p + 1));
    if (s->failed) return BROKEN;
    if (!p || blanks(p) != end || !s->info_end) return UNUSUAL;
    Py_ssize_t row = row_of(s);
    if (row < 0) return row == -1 ? BAD : BROKEN;
    s->no_numbers += s->seen_no_numbers;
    return add_up(s, row);
}

static int unusual_line(scanner *s, cursor line, cursor end) {
    release_arrays(s); /* the owner may make them longer */
    PyObject *answer = PyObject_CallMethod(s->owner, "line", "y#", (const char *)line, (Py_ssize_t)(end - line));
    Py_XDECREF(answer);
    return answer != NULL;
}

/* A copy of the last bytes of a block, with SLACK after them. */
static cursor with_slack(scanner *s, cursor line, size_t length) {
    s->copy.count = 0;
    if (!RESERVE(s->copy, length + SLACK)) return failure(s);
    memcpy(s->copy.items, line, length);
    memset(s->copy.items + length, 0, SLACK);
    return s->copy.items;
}

static Py_ssize_t scan_block(scanner *s, cursor p, cursor block_end) {
    Py_ssize_t good = 0;
    while (p < block_end) {
        cursor end = memchr(p, '\n', (size_t)(block_end - p)), line = p;
        if (!end) end = block_end;
        p = end + 1;
        if (block_end - end < SLACK) {
            size_t length = (size_t)(end - line);
            if (!(line = with_slack(s, line, length))) return -1;
            end = line + length;
        }
        int became = scan_line(s, line, end);
        if (became == BROKEN || (became == UNUSUAL && !unusual_line(s, line, end))) return -1;
        good += became == GOOD;
    }
    return good;
}

static PyObject *scan(scanner *s, PyObject *arguments) {
    PyObject *owner, *block;
    Py_buffer view;
    if (!PyArg_ParseTuple(arguments, "OO", &owner, &block)) return NULL;
    if (s->busy) return PyErr_SetString(PyExc_RuntimeError, "the scanner is at work already"), NULL;
    if (PyObject_GetBuffer(block, &view, PyBUF_SIMPLE)) return NULL;
    if (!view.readonly) {
        PyBuffer_Release(&view);
        return PyErr_SetString(PyExc_TypeError, "a block must be read-only"), NULL;
    }
    s->busy = 1;
    s->failed = 0;
    s->owner = owner;
    s->no_numbers = 0;
    Py_ssize_t good = scan_block(s, view.buf, (cursor)view.buf + view.len);
    release_arrays(s);
    if (s->pairs.room > 1 << 20) FREE(s->pairs);
    s->owner = NULL;
    s->busy = 0;
    PyBuffer_Release(&view);
    return good < 0 ? NULL : Py_BuildValue("nK", good, (unsigned long long)s->no_numbers);
}

static PyObject *forget_rows(scanner *s, PyObject *unused) {
    (void)unused;
    if (s->busy) return PyErr_SetString(PyExc_RuntimeError, "the scanner is at work"), NULL;
    forget_populations(s);
    Py_RETURN_NONE;
}

static PyObject *forget(scanner *s, PyObject *unused) {
    PyObject *done = forget_rows(s, unused);
    if (done && !forget_names(s)) {
        Py_DECREF(done);
        return PyErr_NoMemory();
    }
    return done;
}

/* ---- the type ---- */

static void scanner_free(scanner *s) {
    PyTypeObject *type = Py_TYPE((PyObject *)s);
    free_strings(&s->texts);
    free_strings(&s->populations);
    FREE(s->names);
    FREE(s->runs);
    FREE(s->summed);
    FREE(s->rows);
    FREE(s->held);
    FREE(s->holding);
    FREE(s->population);
    FREE(s->copy);
    FREE(s->pairs);
    FREE(s->parts);
    Py_XDECREF(s->info);
    Py_XDECREF(s->histograms);
    Py_XDECREF(s->measurements);
    Py_XDECREF(s->fields);
    Py_XDECREF(s->log);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(s);
    Py_DECREF(type);
}

static int are_bytes(PyObject *fields) {
    if (PyTuple_Size(fields) > MOST_FIELDS) return 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(fields); i++)
        if (!PyBytes_Check(PyTuple_GetItem(fields, i))) return 0;
    return 1;
}

/* Copies the bounds, which ascend from 0. False with an error set. */
static int take_bounds(scanner *s, PyObject *bounds) {
    Py_ssize_t count = PyTuple_Size(bounds);
    if (count < 1 || count > MOST_BOUNDS) return PyErr_SetString(PyExc_ValueError, "too many bounds, or none"), 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        s->bounds[i] = PyFloat_AsDouble(PyTuple_GetItem(bounds, i));
        if (PyErr_Occurred()) return 0;
    }
    s->buckets = (uint32_t)count;
    return 1;
}

static PyObject *scanner_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    PyObject *info, *histograms, *measurements, *fields, *log, *bounds;
    Py_ssize_t line_bytes, array_length, most_histograms, most_simples;
    (void)keywords;
    if (!PyArg_ParseTuple(arguments, "SSSO!OO!nnnn", &info, &histograms, &measurements, &PyTuple_Type, &fields, &log,
                          &PyTuple_Type, &bounds, &line_bytes, &array_length, &most_histograms, &most_simples))
        return NULL;
    if (!are_bytes(fields)) return PyErr_SetString(PyExc_TypeError, "fields must be a few bytes objects"), NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Py_hash_t secret = PyObject_Hash(info); /* a different one in each process */
    scanner *s = secret == -1 ? NULL : (scanner *)allocate(type, 0);
    if (!s) return NULL;
    s->texts.key = s->populations.key = (uint64_t)secret * 0x9E3779B97F4A7C15ULL | 1;
    s->info = Py_NewRef(info);
    s->histograms = Py_NewRef(histograms);
    s->measurements = Py_NewRef(measurements);
    s->fields = Py_NewRef(fields);
    s->log = Py_NewRef(log);
    s->line_bytes = line_bytes;
    s->array_length = array_length;
    s->most_histograms = most_histograms;
    s->most_simples = most_simples;
    if (!take_bounds(s, bounds)) {
        Py_DECREF((PyObject *)s);
        return NULL;
    }
    if (!forget_names(s)) {
        Py_DECREF((PyObject *)s);
        return PyErr_NoMemory();
    }
    return (PyObject *)s;
}

static PyMethodDef METHODS[] = {
    {"scan", (PyCFunction)(void (*)(void))scan, METH_VARARGS,
     "scan(owner, block) -> (pings added, measurements that were no numbers): reads the lines of a read-only block."},
    {"forget_rows", (PyCFunction)(void (*)(void))forget_rows, METH_NOARGS, "Forgets which population has which row."},
    {"forget", (PyCFunction)(void (*)(void))forget, METH_NOARGS, "Forgets rows, runs and names."},
    {NULL, NULL, 0, NULL}};

static PyType_Slot SLOTS[] = {
    {Py_tp_new, (void *)scanner_new},
    {Py_tp_dealloc, (void *)scanner_free},
    {Py_tp_methods, METHODS},
    {Py_tp_doc, "Scanner(info, histograms, measurements, fields, log, bounds, line_bytes, array_length, "
                "most_histograms, most_simples)"},
    {0, NULL}};

static PyType_Spec SPEC = {"telemetry_tasks.formats.pings.arrays._native.Scanner", sizeof(scanner), 0,
                           Py_TPFLAGS_DEFAULT, SLOTS};

static int fill(PyObject *module) {
    PyObject *type = PyType_FromSpec(&SPEC);
    if (!type) return -1;
    int failed = PyModule_AddObjectRef(module, "Scanner", type);
    Py_DECREF(type);
    return failed;
}

static PyModuleDef_Slot MODULE_SLOTS[] = {{Py_mod_exec, (void *)fill}, {0, NULL}};

static PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_native", "The fast scanner, see csrc/scanner.c.", 0, NULL, MODULE_SLOTS, NULL, NULL,
    NULL};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&MODULE); }
