"""操作记录: who did what, when, from where and with what outcome, in a chain that shows every change."""
