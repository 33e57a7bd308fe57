(function ($) {
  var base = window.location.origin;
  $.ajax({
    url: '/api/save',
    type: 'POST',
    data: { a: 1 }
  });
  $.getJSON('https://geo.example.com/json?callback=?', function (data) {
    $('#city').text(data.city);
  });
  var xhr = new XMLHttpRequest();
  xhr.open('PUT', '/api/items/' + window.itemId);
  xhr.send();
  $('.menu').get(0).post = 'https://example.com';
})(jQuery);
