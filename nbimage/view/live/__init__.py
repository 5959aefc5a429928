"""Views with a kernel behind them: tiles on demand, state in step, linked views."""
