"""The main job on a real circuit file, shown step by step."""
