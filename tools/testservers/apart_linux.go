package main

import "syscall"

// apart puts a server in a group of its own, out of reach of a terminal's Ctrl-C, so that it outlives the command;
// and ends it when we are killed outright.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
