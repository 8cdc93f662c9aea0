"""Swedish of the room: pure functions on words, which know neither database nor layout."""
