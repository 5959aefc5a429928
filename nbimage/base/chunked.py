"""Process large arrays in blocks that fit the cache, on several threads.

A whole-array temporary costs more time than the arithmetic: everything that touches every value
walks these blocks and keeps its scratch space small.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from nbimage.base.workers.threads import make_pool, processors, work_on

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Array = np.ndarray[Any, Any]
Task = TypeVar("Task")
Result = TypeVar("Result")

BLOCK = 1 << 19
"""Most elements in a block: 4 MiB of float64 scratch, few enough calls that the interpreter lock
does not make threads wait."""
_SMALL = 1 << 18
_MOST_THREADS = 4  # memory bandwidth is spent by then, and scratch space stays under 16 MiB


def thread_count() -> int:
    """Return how many processors this process may use, at most four."""
    return min(processors(), _MOST_THREADS)


def memory_order(*arrays: Array) -> tuple[Array, ...]:
    """Return views of arrays of one shape with their axes permuted alike, to memory order.

    The first array's longest stride comes first; where all are contiguous then, the views are
    flat. Element-wise work may take the elements in any order; in this one it is fastest.
    """
    if all(array.flags.c_contiguous for array in arrays):
        return tuple(array.reshape(-1) for array in arrays)
    first = arrays[0]
    order = sorted(range(first.ndim), key=lambda axis: -abs(first.strides[axis]))
    views = tuple(array.transpose(order) for array in arrays)
    if all(view.flags.c_contiguous for view in views):
        return tuple(view.reshape(-1) for view in views)
    return views


def iterate_blocks(shape: tuple[int, ...], most: int = BLOCK) -> Iterator[tuple[slice | int, ...]]:
    """Yield indices that cut an array of this shape into blocks of at most ``most`` elements."""
    size = math.prod(shape)
    if size <= most or not shape:
        yield ()
        return
    row = size // shape[0]
    if row > most:
        for i in range(shape[0]):
            for rest in iterate_blocks(shape[1:], most):
                yield (i, *rest)
        return
    step = max(1, most // row)
    for start in range(0, shape[0], step):
        yield (slice(start, start + step),)


def share_out(work: Callable[[Sequence[Task]], Result], tasks: Sequence[Task]) -> list[Result]:
    """Call ``work`` once a thread, with that thread's share of the tasks, interleaved.

    The calling thread takes the first share, so one task, or one processor, starts no thread.
    """
    if len(tasks) == 1:
        return [work(tasks)]
    count = min(thread_count(), len(tasks))
    shares = [tasks[start::count] for start in range(count)]
    if count <= 1:
        return [work(share) for share in shares]
    from concurrent.futures import Future

    # known before a thread is: what an interrupt comes between is waited for, too
    others: list[tuple[Future[Result], Sequence[Task]]] = [(Future(), one) for one in shares[1:]]
    try:
        for other, share in others:
            _threads().submit(work_on, other, work, share)
        found = [work(shares[0])]
        for other, share in others:
            # what no thread has begun is done here: it may be this one that all wait for
            found.append(work(share) if other.cancel() else other.result())
        return found
    finally:
        for other, _ in others:  # nothing writes on after an error or an interrupt
            if not other.cancel():
                other.exception()


@functools.cache
def _threads() -> Executor:
    """Return the threads, started once: that takes longer than a small picture."""
    return make_pool(max(1, thread_count() - 1), "nbimage")


if hasattr(os, "register_at_fork"):  # a forked child has none of its parent's threads
    os.register_at_fork(after_in_child=_threads.cache_clear)


def for_blocks(
    work: Callable[[Sequence[Any]], Result], shape: tuple[int, ...], *, backwards: bool = False
) -> list[Result]:
    """Call ``work`` with the index tuples of all blocks of ``shape``, shared over the threads.

    A second pass goes ``backwards``: it finds the end of the array still in the cache.
    """
    size = math.prod(shape)
    if size <= _SMALL:
        return [work([()])]
    most = BLOCK if size >= 4 * BLOCK else _SMALL
    blocks = list(iterate_blocks(shape, most))
    return share_out(work, blocks[::-1] if backwards else blocks)


def convert_array(array: Array, dtype: Any, copy: bool | None) -> Array:
    """Return what ``__array__`` has to: the array itself, or a copy if it must or shall be one.

    Raises ValueError where ``copy`` is False and the dtype is another one.
    """
    if dtype is not None and np.dtype(dtype) != array.dtype:
        if copy is False:
            raise ValueError(f"an array of dtype {np.dtype(dtype)} must be a copy")
        return array.astype(dtype)
    return array.copy() if copy else array


def read_only(array: Array) -> Array:
    """Return a view that nobody can write to, of what others rely on."""
    view = array.view()
    view.flags.writeable = False
    return view


def overlap_otherwise(array: Array, out: Array) -> bool:
    """Return whether two arrays share memory otherwise than byte by byte."""
    same = (out.ctypes.data, out.strides) == (array.ctypes.data, array.strides)
    return not (same and array.itemsize == 1) and np.may_share_memory(out, array)


def overlaps_itself(out: Array) -> bool:
    """Return whether two elements of an array of bytes may be at one address."""
    reach = 0
    for stride, length in sorted((abs(s), n) for s, n in zip(out.strides, out.shape, strict=True)):
        if length > 1:
            if stride <= reach:
                return True
            reach += stride * (length - 1)
    return False
