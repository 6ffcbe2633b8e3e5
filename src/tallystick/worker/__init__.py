"""Background work in a process of its own."""

from tallystick.worker.repeat import Task, repeat, rest_seconds
from tallystick.worker.worker import Pools, run_tasks, worker, worker_tasks

__all__ = ["Pools", "Task", "repeat", "rest_seconds", "run_tasks", "worker", "worker_tasks"]
