module git.example/team/backend

go 1.22

require (
	git.example/lib/router v1.5.0
	git.example/lib/text v0.14.0 // indirect
)
