"""What the offline writer's tests are worth: valid on correct APIs, strong on faulty ones."""
