"""`ObservedView`: what tells of changes as objects of traitlets do, and can be linked to widgets.

What can be observed are a view's own properties: it is an object of `traitlets.HasTraits`, so that
`traitlets.link` and `traitlets.dlink` take it, and no trait holds anything. Not here: what changes
(`live_properties`), views that are linked to one another (`linking`).
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

import traitlets

from nbimage.base.doors import door
from nbimage.page.ipython import call_in_main_thread

NAMES = ("viewport", "limits", "index", "projections", "cursor", "shapes", "selected")
"""What can be read, set and observed."""
Handler = Callable[[traitlets.Bunch], Any]
_OTHERS = {name for name in dir(traitlets.HasTraits) if not name.startswith("_")}
_OTHERS -= {"observe", "unobserve"}


class ObservedView(traitlets.HasTraits):
    """What tells of changes. `View` is one."""

    @door
    def observe(self, handler: Handler, names: Any = None, type: Any = "change") -> None:  # noqa: A002 (as of traitlets)
        """Call a function with each change, in the kernel's main thread.

        `traitlets.link` and `traitlets.dlink` call it, and so link a view to a widget. A handler
        that fails stops nobody: its traceback is printed. Of changes that come while the main
        thread is busy, the handler gets one, from the oldest value to the newest.

        Parameters
        ----------
        handler : function of a change
            Which has ``name``, ``old``, ``new``, ``owner`` (the view) and ``type`` ("change"), as
            attributes and as a dict's keys.
        names : str or list of str, optional
            Any of "viewport", "limits", "index", "projections", "cursor", "shapes", "selected"; by
            default all.
        type : "change"
            For traitlets, which knows others.

        Raises
        ------
        ValueError
            For other names, and for a view that is not live.

        Examples
        --------
        >>> view = nbimage.View(np.zeros((12, 480, 640)), axes="tyx", embed=False)
        >>> view.observe(lambda change: print(change.name, change.old, change.new), "index")
        >>> view.index = {"t": 3}
        index {'t': 0} {'t': 3}

        A slider that moves the view, and is moved by it:

        >>> import ipywidgets, traitlets
        >>> slider = ipywidgets.IntSlider(max=11)
        >>> ways = (lambda t: {"t": t}, lambda index: index["t"])
        >>> link = traitlets.link((slider, "value"), (view, "index"), transform=ways)
        index {'t': 3} {'t': 0}
        >>> slider.value = 7
        index {'t': 0} {'t': 7}
        >>> link.unlink()
        """
        if type not in ("change", traitlets.All):
            raise ValueError(f'type must be "change", but got {type!r}')
        for name in check_names(names):
            self._begin_to_observe(handler, name)

    @door
    def unobserve(self, handler: Handler, names: Any = None, type: Any = "change") -> None:  # noqa: A002
        """Stop to call a function with changes: of these names, by default of all.

        Examples
        --------
        >>> view, changes = nbimage.View(np.zeros((480, 640)), embed=False), []
        >>> view.observe(changes.append)
        >>> view.unobserve(changes.append, "cursor")
        >>> view.cursor = 3, 4
        >>> changes
        []
        """
        self._end_observers(check_names(names), handler)

    def unobserve_all(self, name: Any = None) -> None:
        """For the modules of nbimage and of traitlets: stop to call functions with changes."""
        self._end_observers(check_names(name))

    def traits(self, **metadata: Any) -> dict[str, traitlets.TraitType[Any, Any]]:
        """For the modules of nbimage and of traitlets: what can be observed."""
        return {} if metadata else {name: traitlets.Any() for name in NAMES}

    def trait_names(self, **metadata: Any) -> list[str]:
        """For the modules of nbimage and of traitlets: the names of what can be observed."""
        return list(self.traits(**metadata))

    def has_trait(self, name: str) -> bool:
        """For the modules of nbimage and of traitlets: whether it can be observed."""
        return name in NAMES

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in _OTHERS]

    # For `LiveProperties`

    def _listen_to(self, name: str, tell: Callable[[Any, Any], None]) -> Callable[[], None]:
        """Call with old and new values of a property. Returns what ends it."""
        raise NotImplementedError

    def _begin_to_observe(self, handler: Handler, name: str) -> None:
        observers = self._observers()
        if (handler, name) not in [known for known, _ in observers]:
            observers.append(((handler, name), self._listen_to(name, Teller(self, handler, name))))

    def _end_observers(self, names: list[str], handler: Handler | None = None) -> None:
        observers = self._observers()
        for observer in list(observers):
            known, name = observer[0]
            if name in names and handler in (None, known):
                observer[1]()
                observers.remove(observer)

    def _observers(self) -> list[tuple[tuple[Handler, str], Callable[[], None]]]:
        found: list[Any] = self.__dict__.setdefault("_callbacks", [])
        return found


class Teller:
    """Calls a handler with changes of one property, in the main thread."""

    def __init__(self, owner: ObservedView, handler: Handler, name: str) -> None:
        self._owner, self._handler, self._name = owner, handler, name
        self._lock = threading.Lock()
        self._waiting: list[tuple[Any, Any]] = []

    def __call__(self, old: Any, new: Any) -> None:
        """Have the handler called with a change, and with those that come meanwhile."""
        with self._lock:
            first = self._waiting[0][0] if self._waiting else old
            late, self._waiting = bool(self._waiting), [(first, new)]
        if not late:
            call_in_main_thread(self._tell)

    def _tell(self) -> None:
        with self._lock:
            ((old, new),), self._waiting = self._waiting, []
        if old == new:
            return
        change = traitlets.Bunch(
            name=self._name, old=old, new=new, owner=self._owner, type="change"
        )
        try:
            self._handler(change)
        except Exception:  # it must not end what called it; the reader sees what is wrong
            traceback.print_exc()


def check_names(names: Any) -> list[str]:
    """Return names of what can be observed; None, and traitlets' own word for it: all."""
    if names is None or names is traitlets.All:
        return list(NAMES)
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in NAMES:
            raise ValueError(f"names must be of {', '.join(NAMES)}, but got {name!r}")
    return wanted
