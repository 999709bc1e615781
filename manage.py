#!/usr/bin/env python
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panelmerge.settings")
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] == ["configure"]:
        from django.conf import settings

        # Settings that cannot be read are what it mends.
        settings.configure(INSTALLED_APPS=["panelmerge.apps.PanelMergeConfig"])
    execute_from_command_line(sys.argv)
