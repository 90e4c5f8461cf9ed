"""Runs at fixed times: lines for cron, units for systemd."""
