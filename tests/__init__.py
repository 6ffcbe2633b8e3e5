"""Tests of Tallystick, foldered as the source is."""
