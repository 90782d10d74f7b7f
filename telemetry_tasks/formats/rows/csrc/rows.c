/* Lines of a table as JSON text: writes most numbers of a publish.
 *
 * Only integers are written here. The few other numbers come as text, made by the JSON library that writes all other
 * documents, so that fractions have one spelling. The output has the same bytes as that of rows/plain.py.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define COUNTS 1 /* columns after the sums */
#define LONGEST_INTEGER 20
#define ZEROS "0,0,0,0,"

typedef struct {
    Py_buffer view;
    int held;
    const int64_t *numbers;
    Py_ssize_t lines, width; /* width 0: one number per line, one dimension */
} array;

static void release(array *a) {
    if (a->held) PyBuffer_Release(&a->view);
    a->held = 0;
}

/* An array of int64 with this many dimensions; 0 with an error set. */
static int take(array *a, PyObject *from, int dimensions) {
    if (PyObject_GetBuffer(from, &a->view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS)) return 0;
    a->held = 1;
    const char *format = a->view.format;
    if (a->view.itemsize != 8 || !format || !strchr("lq", format[0]) || format[1] || a->view.ndim != dimensions) {
        PyErr_SetString(PyExc_ValueError, "an array is not of int64, or has other dimensions");
        return 0;
    }
    a->numbers = a->view.buf;
    a->lines = a->view.shape[0];
    a->width = dimensions == 2 ? a->view.shape[1] : 0;
    return 1;
}

static char *put_integer(char *out, int64_t number) {
    char digits[LONGEST_INTEGER];
    int at = LONGEST_INTEGER;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    if (left < 10) { /* the usual numbers that are not zero */
        if (number < 0) *out++ = '-';
        *out++ = (char)('0' + left);
        return out;
    }
    while (left) {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (number < 0) *out++ = '-';
    memcpy(out, digits + at, (size_t)(LONGEST_INTEGER - at));
    return out + (LONGEST_INTEGER - at);
}

/* `count` numbers, each followed by a comma. */
static char *put_integers(char *out, const int64_t *numbers, Py_ssize_t count) {
    while (count) {
        while (count >= 4 && !(numbers[0] | numbers[1] | numbers[2] | numbers[3])) {
            memcpy(out, ZEROS, 8);
            out += 8;
            numbers += 4;
            count -= 4;
        }
        if (!count) break;
        out = put_integer(out, *numbers++);
        *out++ = ',';
        count--;
    }
    return out;
}

typedef struct {
    array whole, known, positions, ids;
    Py_buffer texts;
    int has_texts, has_ids;
    Py_ssize_t position; /* the next of positions */
    const char *text; /* its text, not yet written */
    char *line;       /* room for one */
} table;

static void release_table(table *t) {
    release(&t->whole);
    release(&t->known);
    release(&t->positions);
    release(&t->ids);
    if (t->has_texts) PyBuffer_Release(&t->texts);
    PyMem_Free(t->line);
}

static int wrong(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return 0;
}

/* Checks that positions ascend and lie inside, and that there is one text for each. */
static int fits(const table *t) {
    const array *whole = &t->whole, *positions = &t->positions;
    Py_ssize_t size = whole->lines * whole->width, texts = t->texts.len ? 1 : 0;
    const char *text = t->texts.buf;
    if (t->known.lines != whole->lines || t->known.width + COUNTS > whole->width) return wrong("known does not fit");
    if (t->has_ids && t->ids.lines != whole->lines) return wrong("ids do not fit");
    for (Py_ssize_t i = 0; i < positions->lines; i++) {
        int64_t before = i ? positions->numbers[i - 1] : -1;
        if (positions->numbers[i] <= before || positions->numbers[i] >= size) return wrong("positions do not fit");
    }
    for (Py_ssize_t i = 0; i < t->texts.len; i++) texts += text[i] == ',';
    return texts == positions->lines || wrong("there is not one text for each position");
}

/* The text at the next position, which must have one. */
static char *put_text(table *t, char *out) {
    const char *end = (const char *)t->texts.buf + t->texts.len;
    const char *comma = memchr(t->text, ',', (size_t)(end - t->text));
    size_t length = (size_t)((comma ? comma : end) - t->text);
    memcpy(out, t->text, length);
    t->text = comma ? comma + 1 : end;
    t->position++;
    return out + length;
}

static PyObject *line_of(table *t, Py_ssize_t line) {
    Py_ssize_t width = t->whole.width, sums = t->known.width, buckets = width - sums - COUNTS, column = 0;
    const int64_t *numbers = t->whole.numbers + line * width, *known = t->known.numbers + line * sums;
    char *out = t->line;
    *out++ = '[';
    while (column < width) {
        Py_ssize_t next = t->position < t->positions.lines ? t->positions.numbers[t->position] - line * width : width;
        if (next == column) {
            out = put_text(t, out);
            *out++ = ',';
            column++;
        } else if (column < buckets) {
            Py_ssize_t until = next < buckets ? next : buckets;
            out = put_integers(out, numbers + column, until - column);
            column = until;
        } else {
            int64_t number = column < buckets + sums && !known[column - buckets] ? -1 : numbers[column];
            out = put_integers(out, &number, 1);
            column++;
        }
    }
    if (t->has_ids) out = put_integers(out, t->ids.numbers + line, 1);
    out[-1] = ']';
    return PyBytes_FromStringAndSize(t->line, out - t->line);
}

static PyObject *lines_of(table *t) {
    Py_ssize_t room = (t->whole.width + 1) * (LONGEST_INTEGER + 1) + t->texts.len + 2;
    t->text = t->texts.buf;
    if (!(t->line = PyMem_Malloc((size_t)room))) return PyErr_NoMemory();
    PyObject *out = PyList_New(t->whole.lines);
    for (Py_ssize_t line = 0; out && line < t->whole.lines; line++) {
        PyObject *text = line_of(t, line);
        if (!text || PyList_SetItem(out, line, text)) {
            Py_DECREF(out);
            return NULL;
        }
    }
    return out;
}

static PyObject *row_texts(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *whole, *known, *positions, *texts, *ids, *out = NULL;
    table t = {0};
    if (!PyArg_ParseTuple(arguments, "OOOSO", &whole, &known, &positions, &texts, &ids)) return NULL;
    t.has_ids = ids != Py_None;
    t.has_texts = !PyObject_GetBuffer(texts, &t.texts, PyBUF_SIMPLE);
    if (t.has_texts && take(&t.whole, whole, 2) && take(&t.known, known, 2) && take(&t.positions, positions, 1) &&
        (!t.has_ids || take(&t.ids, ids, 1)) && fits(&t))
        out = lines_of(&t);
    release_table(&t);
    return out;
}

static PyMethodDef METHODS[] = {
    {"row_texts", row_texts, METH_VARARGS,
     "row_texts(whole, known, positions, texts, ids) -> a JSON array for each line; see rows/__init__.py."},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot SLOTS[] = {{0, NULL}};

static PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_native", "Lines of a table as JSON, see csrc/rows.c.", 0, METHODS, SLOTS, NULL, NULL,
    NULL};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&MODULE); }
