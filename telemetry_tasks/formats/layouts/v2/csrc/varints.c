/* LEB128 of int64 arrays: the bytes that varints.py writes, in a tenth of its time. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define LONGEST 9 /* bytes of a number of 63 bits */

static const int64_t *numbers_of(Py_buffer *view, PyObject *from) {
    if (PyObject_GetBuffer(from, view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS)) return NULL;
    if (view->itemsize != 8 || !view->format || !strchr("lq", view->format[0]) || view->format[1] || view->ndim != 1) {
        PyBuffer_Release(view);
        PyErr_SetString(PyExc_ValueError, "an array is not of int64, or has other dimensions");
        return NULL;
    }
    return view->buf;
}

/* encode(numbers) -> bytes; raises ValueError if a number is negative. */
static PyObject *encode(PyObject *self, PyObject *from) {
    (void)self;
    Py_buffer view;
    const int64_t *numbers = numbers_of(&view, from);
    if (!numbers) return NULL;
    Py_ssize_t length = view.shape[0];
    PyObject *out = PyBytes_FromStringAndSize(NULL, length * LONGEST);
    if (!out) {
        PyBuffer_Release(&view);
        return NULL;
    }
    unsigned char *begin = (unsigned char *)PyBytes_AsString(out), *at = begin;
    int64_t signs = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        uint64_t left = (uint64_t)numbers[i];
        signs |= numbers[i];
        if (numbers[i] < 0) break;
        while (left >= 0x80) {
            *at++ = (unsigned char)(left | 0x80);
            left >>= 7;
        }
        *at++ = (unsigned char)left;
    }
    PyBuffer_Release(&view);
    if (signs < 0) {
        Py_DECREF(out);
        PyErr_SetString(PyExc_ValueError, "a number is negative");
        return NULL;
    }
    if (_PyBytes_Resize(&out, at - begin)) return NULL;
    return out;
}

static PyMethodDef methods[] = {
    {"encode", encode, METH_O, "encode(numbers: int64 array) -> bytes"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_native", "LEB128 of int64 arrays.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&module); }
